/**
 * The worker of <live-desk-thumbnails>: it decodes large images beside the page, and answers
 * each message with a small version of its file, or none if the browser can't read the file.
 */

const WIDTH = 320; // pixels

async function shrink(file) {
  const options = { resizeWidth: WIDTH, resizeQuality: "medium" };
  const bitmap = await createImageBitmap(file, options);
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  canvas.getContext("2d").drawImage(bitmap, 0, 0);
  bitmap.close();
  return canvas.convertToBlob({ type: "image/webp" });
}

globalThis.addEventListener("message", async ({ data: { id, file } }) => {
  postMessage({ id, thumbnail: await shrink(file).catch(() => null) });
});
