import '@fontsource-variable/inter/wght.css';
import { render } from 'preact';
import { App } from './app';
import { keepLock } from './state/lock';
import { keepPreferences, preferences } from './state/preferences';
import { returnFromProvider } from './state/provider_sign_in';
import { followAddress } from './state/route';
import { startSession } from './state/session';
import { chooseLanguage, speak } from './words';
import './style/tokens.css';
import './style/base.css';

keepPreferences();
returnFromProvider();
followAddress();
keepLock();
preferences.subscribe(({ language }) => {
  void speak(chooseLanguage(language === 'auto' ? navigator.languages : [language]));
});
startSession();

const root = document.getElementById('app');
if (root) render(<App />, root);
