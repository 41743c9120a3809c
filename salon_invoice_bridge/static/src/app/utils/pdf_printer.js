/**
 * Prints a PDF by the browser's own dialog, without a new page. An object, so that a
 * test can take its place.
 */
export const pdfPrinter = {
    /** @param {String} content of the PDF, in Base64 */
    print(content) {
        const bytes = Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0));
        const url = URL.createObjectURL(new Blob([bytes], {type: "application/pdf"}));
        const frame = document.createElement("iframe");
        frame.className = "o_salon_pdf d-none";
        frame.src = url;
        frame.addEventListener("load", () => frame.contentWindow.print());
        // The former one has been printed by now.
        document.querySelectorAll(".o_salon_pdf").forEach((old) => {
            URL.revokeObjectURL(old.src);
            old.remove();
        });
        document.body.append(frame);
    },
};
