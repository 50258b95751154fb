/** `v-limit="4000"` on a field: all that is typed or pasted stays in it. From nine tenths on it says how much room is left;
 * what is too long says by how much, and keeps its form from being sent. */
import type { Directive } from 'vue';

const NEAR = 0.9;

type Field = HTMLInputElement | HTMLTextAreaElement;
type Limit = Directive<HTMLElement, number>;
type Words = (key: string, values: Record<string, unknown>) => string;

declare module 'vue' {
  interface GlobalDirectives {
    vLimit: Limit;
  }
}

export function createLimit(t: Words): Limit {
  const said = new WeakMap<Field, HTMLElement>();

  function weigh(field: Field, most: number): void {
    const written = [...field.value].length; // as the gateway counts, an emoji is one
    const over = written - most;
    let text = '';
    if (over > 0) text = t('limit.over', { over, most });
    else if (written > NEAR * most) text = t('limit.left', { left: -over, most });
    field.setCustomValidity(over > 0 ? text : '');
    if (!text) {
      said.get(field)?.remove();
      return;
    }
    const counter = said.get(field) ?? document.createElement('output');
    counter.className = over > 0 ? 'limit is-over' : 'limit';
    counter.dataset.testid = 'limit';
    if (counter.textContent !== text) counter.textContent = text;
    if (!counter.isConnected) field.after(counter);
    said.set(field, counter);
  }

  return {
    mounted(element, { value }) {
      const field = fieldOf(element);
      field.addEventListener('input', () => weigh(field, Number(field.dataset.most)));
      field.form?.addEventListener('submit', holdBack, true);
      field.dataset.most = String(value);
      weigh(field, value);
    },
    updated(element, { value }) {
      const field = fieldOf(element);
      field.dataset.most = String(value);
      weigh(field, value);
    },
    beforeUnmount: (element) => said.get(fieldOf(element))?.remove(),
  };
}

/** The field itself, or that within a component. */
const fieldOf = (element: HTMLElement): Field =>
  element.matches('input, textarea') ? (element as Field) : (element.querySelector('input, textarea') as Field);

/** Forms that check nothing else by themselves (`novalidate`) are held back, too. */
function holdBack(event: Event): void {
  const wrong = [...(event.target as HTMLFormElement).elements].find((each) => (each as Field).validity?.customError);
  if (!wrong) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  (wrong as Field).focus();
}

/** For a button that is not its form's submit: whether the form may be sent; if not, the browser says why. */
export const isFit = (event: Event): boolean =>
  (event.currentTarget as HTMLButtonElement).form?.reportValidity() ?? true;
