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
      manifestFilename: 'tablet/manifest.webmanifest',
      manifest: {
        id: '/tablet/',
        name: '动态管理110',
        short_name: '动态110',
        description: 'Dynamic Management 110: reports and lights of a village, with or without a network',
        lang: 'zh-CN',
        start_url: '/tablet/',
        scope: '/tablet/',
        display: 'standalone',
        background_color: '#f4f6f5',
        theme_color: '#0b5c46',
        icons: [
          { src: '/tablet/icon-192.png', sizes: '192x192', type: 'image/png', purpose: 'any' },
          { src: '/tablet/icon-512.png', sizes: '512x512', type: 'image/png', purpose: 'any maskable' },
        ],
      },
      workbox: {
        globPatterns: ['tablet/**/*.{html,js,png}', 'assets/*.{js,css}'],
        globIgnores: ['assets/board-*', 'tablet/sw.js', 'tablet/workbox-*'],
        modifyURLPrefix: { '': '/' },
        navigateFallback: '/tablet/index.html',
        cleanupOutdatedCaches: true,
        inlineWorkboxRuntime: true,
      },
    }),
  ],
});
