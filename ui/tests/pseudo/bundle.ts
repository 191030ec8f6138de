// Replaces @fluent/bundle with a pseudo-locale: accented English that is two fifths longer, in
// brackets. The table is the same as in crates/i18n/src/pseudo.rs.

import * as real from "../../node_modules/@fluent/bundle/esm/index.js";

export const { FluentResource } = real;

const PLAIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const ACCENTED = [..."ÅƁÇÐÉƑĜĤÎĴĶĻṀÑÖÞǪŔŠŢÛṼŴẊÝŽåƀçðéƒĝĥîĵķļɱñöþǫŕšţûṽŵẋýž"];

export function accented(text: string): string {
  return [...text]
    .map((letter) => {
      const shown = ACCENTED[PLAIN.indexOf(letter)] ?? letter;
      return "AEIOUYaeiouy".includes(letter) ? shown + shown : shown;
    })
    .join("");
}

export class FluentBundle extends real.FluentBundle {
  readonly #english: real.FluentBundle;

  constructor(...[locales, options]: ConstructorParameters<typeof real.FluentBundle>) {
    super(locales, { ...options, transform: accented });
    this.#english = new real.FluentBundle(locales, options);
  }

  override addResource(...given: Parameters<real.FluentBundle["addResource"]>): Error[] {
    this.#english.addResource(...given);
    return super.addResource(...given);
  }

  override formatPattern(...given: Parameters<real.FluentBundle["formatPattern"]>): string {
    const wanted = Math.floor(([...this.#english.formatPattern(...given)].length * 7) / 5);
    const long = super.formatPattern(...given);
    return `⟦${long.padEnd(long.length + Math.max(0, wanted - [...long].length), "~")}⟧`;
  }
}
