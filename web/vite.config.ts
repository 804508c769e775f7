import { fileURLToPath, URL } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

// Where `make run` answers; only the development server needs to know.
const city = process.env.CHEPAI_URL ?? 'http://127.0.0.1:8080'

export default defineConfig({
  plugins: [vue()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  define: {
    __VUE_OPTIONS_API__: true,
    __VUE_PROD_DEVTOOLS__: false,
    __INTLIFY_PROD_DEVTOOLS__: false,
    __VUE_I18N_LEGACY_API__: false,
    __VUE_I18N_FULL_INSTALL__: false,
  },
  build: {
    target: 'es2022',
    // Inlined images would need a hole in the content security policy.
    assetsInlineLimit: 0,
    // The charts, which only pages of figures fetch.
    chunkSizeWarningLimit: 600,
    // The polyfill would be an inline script, which the policy forbids too.
    modulePreload: { polyfill: false },
    // On a slow line the number of requests tells, not their size: what every page needs is one.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'vendor', test: /node_modules[\\/](@vue|@intlify|vue|vue-router|vue-i18n|openapi-fetch)[\\/]/ },
{ name: 'shared', test: /src[\\/](api[\\/]|session\.ts|texts[\\/](index\.ts|zh-CN\.json)|use[\\/](city|doing|drafts|keys|polling|reading|serving|settings|showing)\.ts|parts[\\/](HelpBar|LoadingNote|ProblemNote|ReadAloud)\.vue)/ },
          ],
        },
      },
    },
  },
  server: { proxy: { '^/(v1|hooks|docs|sandbox|openapi.json)': city } },
})
