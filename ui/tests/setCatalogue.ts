// Runs before each file of tests: the pages have messages before their first component runs.

import { setCatalogue } from "../src/i18n";
import { catalogueOf } from "./catalogues";

setCatalogue(catalogueOf("en"));
