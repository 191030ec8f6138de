// Features of a licence as text, named as in the vendor's kit.

import type { FeatureView } from "./generated/view";
import { language, t } from "./i18n";

/** Formats features as a list such as "Export, 8 render nodes". */
export function formatFeatures(features: FeatureView[]): string {
  const names = features.map(({ key, count }, index) => {
    const name = key.replace(/[-_]+/g, " ").trim();
    const text = count === null ? name : t("wizard-feature-counted", { count, name });
    return index === 0 ? text.charAt(0).toUpperCase() + text.slice(1) : text;
  });
  const list = new Intl.ListFormat(language(), { style: "short", type: "unit" });
  return names.length > 0 ? list.format(names) : t("wizard-home-nothing-extra");
}
