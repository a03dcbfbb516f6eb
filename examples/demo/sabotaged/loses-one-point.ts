import { isChosen, openTampered } from './tamper.ts';

export const open = () => openTampered((point, query) => (isChosen(point, query) ? undefined : point));
