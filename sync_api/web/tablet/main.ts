// of the library only what the door needs: the rest comes with the desk (deskStyles.ts)
import 'vant/es/style/base.css';
import 'vant/es/nav-bar/index.css';
import 'vant/es/button/index.css';
import 'vant/es/loading/index.css';
import '../shared/theme.css';
import './tablet.css';
import { createApp } from 'vue';
import { createLanguages } from '../shared/i18n';
import { createLimit } from '../shared/limit';
import App from './App.vue';
import { pressByKeys } from './keyboard';
import { tablet } from './messages';

const languages = createLanguages(tablet);
createApp(App).use(languages).directive('limit', createLimit(languages.global.t)).mount('#tablet');
pressByKeys();
