// Features in words, by the names that the vendor's kit gives them.

import type { FeatureView } from "./generated/view";
import { language, words } from "./i18n";

/** "Export, 8 render nodes" */
export function listed(features: FeatureView[]): string {
  const named = features.map(({ key, count }, index) => {
    const name = key.replace(/[-_]+/g, " ").trim();
    const text = count === null ? name : words("wizard-feature-counted", { count, name });
    return index === 0 ? text.charAt(0).toUpperCase() + text.slice(1) : text;
  });
  const list = new Intl.ListFormat(language(), { style: "short", type: "unit" });
  return named.length > 0 ? list.format(named) : words("wizard-home-nothing-extra");
}
