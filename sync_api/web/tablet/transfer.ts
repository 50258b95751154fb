/** The tablet's way of sending and fetching without its pages: what the benchmark of the sync measures. */
export { Store } from './store';
export { Synchroniser } from './sync';
