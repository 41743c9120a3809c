/** @type {import("prettier").Config} */
module.exports = {
    plugins: [require.resolve("@prettier/plugin-xml")],
    printWidth: 88,
    tabWidth: 4,
    bracketSpacing: false,
    proseWrap: "always",
    semi: true,
    trailingComma: "es5",
    // Whitespace is text in Odoo's templates.
    xmlWhitespaceSensitivity: "preserve",
    overrides: [{files: ["*.yaml", "*.yml", "*.json"], options: {tabWidth: 2}}],
};
