import { resolve } from 'node:path';
import vue from '@vitejs/plugin-vue';
import { defineConfig, type Plugin } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';

/** Vant's icon font names a foreign host as a fallback. The font itself is inlined: nothing may leave the office's network. */
function withoutForeignFonts(): Plugin {
  return {
    name: 'without-foreign-fonts',
    enforce: 'pre',
    transform: (code, id) =>
      id.endsWith('.css') ? code.replace(/,\s*url\((?:https?:)?\/\/[^)]*\)\s*format\([^)]*\)/g, '') : undefined,
  };
}

const page = (name: string): string => resolve(import.meta.dirname, name, 'index.html');

export default defineConfig({
  define: {
    __APP_VERSION__: JSON.stringify(process.env.npm_package_version),
    __VUE_OPTIONS_API__: 'false',
    __VUE_I18N_LEGACY_API__: 'false',
    __VUE_I18N_FULL_INSTALL__: 'false',
  },
  // one page each: an unknown path is an error, not a third page
  appType: 'mpa',
  build: {
    target: 'es2022',
    rolldownOptions: { input: { tablet: page('tablet'), board: page('board') } },
  },
  plugins: [
    withoutForeignFonts(),
    vue({ template: { compilerOptions: { isCustomElement: () => false } } }),
    VitePWA({
      // an update that installs by itself reloads the page and loses a draft
      registerType: 'prompt',
      injectRegister: null,
      filename: 'tablet/sw.js',
      scope: '/tablet/',
      // the manifest lies in public/tablet, where its icons do
      manifest: false,
      workbox: {
        globPatterns: ['tablet/**/*.{html,js,png,webmanifest}', 'assets/*.{js,css}'],
        globIgnores: ['assets/board-*', 'assets/decode-*', 'assets/pagePicture-*', 'tablet/sw.js', 'tablet/workbox-*'],
        modifyURLPrefix: { '': '/' },
        navigateFallback: '/tablet/index.html',
        cleanupOutdatedCaches: true,
        inlineWorkboxRuntime: true,
      },
    }),
  ],
});
