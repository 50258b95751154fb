/** Whether there is a letter or a digit in a text that can be seen, as the gateway asks of words (`models/documents.py`). */
export const hasWords = (text: string): boolean =>
  /[\p{L}\p{N}]/u.test(text.replaceAll(/[\u115f\u1160\u3164\uffa0]/g, ''));
