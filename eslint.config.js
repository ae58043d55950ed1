import wagtail from "@wagtail/eslint-config-wagtail";
import { defineConfig, globalIgnores } from "eslint/config";
import globals from "globals";

export default defineConfig(
  globalIgnores([".venv/", ".tox/", "build/", "docs/_build/", "demo/static_root/"]),
  {
    extends: [wagtail],
    settings: { react: { version: "19" } }, // There is none; the plugin warns without this.
    rules: {
      // Polls, events and uploads follow one another on purpose.
      "no-await-in-loop": "off",
    },
  },
  {
    files: ["wagtail_live/**/static/**"],
    ignores: ["**/worker.js"],
    languageOptions: { globals: globals.browser },
  },
  {
    files: ["wagtail_live/**/static/**/worker.js"],
    languageOptions: { globals: globals.serviceworker },
    rules: { "no-restricted-globals": "off" }, // A worker has nothing but `self`.
  },
  {
    files: ["tests/js/**"],
    languageOptions: { globals: globals.nodeBuiltin },
  },
);
