/** The tablet's way of sending and fetching without its pages. */
export { Store } from '../web/tablet/store';
export { Synchroniser } from '../web/tablet/sync';
export { Vault } from '../web/tablet/vault';
