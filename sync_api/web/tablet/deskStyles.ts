/** What the pages behind the door need of the library's styles; the door's own are in main.ts. */
import 'vant/es/badge/index.css';
import 'vant/es/icon/index.css';
import 'vant/es/cell/index.css';
import 'vant/es/cell-group/index.css';
import 'vant/es/collapse-item/index.css';
import 'vant/es/dialog/index.css';
import 'vant/es/empty/index.css';
import 'vant/es/field/index.css';
import 'vant/es/notice-bar/index.css';
import 'vant/es/overlay/index.css';
import 'vant/es/popup/index.css';
import 'vant/es/search/index.css';
import 'vant/es/tabbar/index.css';
import 'vant/es/tabbar-item/index.css';
import 'vant/es/toast/index.css';
