import '../shared/theme.css';
import './board.css';
import { createApp } from 'vue';
import { createLanguages } from '../shared/i18n';
import App from './App.vue';
import { board } from './messages';

createApp(App).use(createLanguages(board)).mount('#board');
