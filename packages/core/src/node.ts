/** What applications under Node use, beside `@anyseries/core`. */
export { deadLetter } from './node/dead-letter.ts';
export { idFolder } from './node/id-folder.ts';
export { type ReplayOptions, type ReplayReport, replay } from './node/replay.ts';
export { installSignalHandlers } from './node/signals.ts';
export { type TextFile, type TextFileOptions, textFile } from './node/text-file.ts';
export { tokenFolder } from './node/token-store.ts';
