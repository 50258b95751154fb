import 'vant/lib/index.css';
import '../shared/theme.css';
import './tablet.css';
import { createApp } from 'vue';
import { createLanguages } from '../shared/i18n';
import { createLimit } from '../shared/limit';
import App from './App.vue';
import { tablet } from './messages';

const languages = createLanguages(tablet);
createApp(App).use(languages).directive('limit', createLimit(languages.global.t)).mount('#tablet');

// Granted once the page is installed; without it the browser may drop data when space runs short.
void navigator.storage?.persist?.();
