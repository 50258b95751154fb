import '../shared/theme.css';
import './board.css';
import { createApp } from 'vue';
import { createLanguages } from '../shared/i18n';
import { createLimit } from '../shared/limit';
import App from './App.vue';
import { board } from './messages';

const languages = createLanguages(board);
createApp(App).use(languages).directive('limit', createLimit(languages.global.t)).mount('#board');
