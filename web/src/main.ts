import { createApp } from 'vue'
import App from './App.vue'
import { router } from './router'
import { applySettings } from './use/settings'
import { i18n, speakFirst } from './texts'
import './styles.css'

applySettings()
await speakFirst()
createApp(App).use(i18n).use(router).mount('#app')
