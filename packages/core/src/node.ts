/** What only Node has: stores of small things in files. */
export { idFolder } from './node/id-folder.ts';
export { type TextFile, type TextFileOptions, textFile } from './node/text-file.ts';
export { tokenFolder } from './node/token-store.ts';
