// A rhythm as people call it; as the server does where there is no word for it.
import { rhythmWords } from '../words/rhythm';

export const rhythmName = (rhythm: string): string => rhythmWords.or(`rhythm.${rhythm}`, rhythm);
