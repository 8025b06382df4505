// Programs in the fragment of the page's address: JSON, deflated, in base64 for URLs.

/** @returns {Promise<Uint8Array>} */
async function pass(bytes, transform) {
  const stream = new Blob([bytes]).stream().pipeThrough(transform);
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

async function encode(value) {
  const bytes = await pass(new TextEncoder().encode(JSON.stringify(value)), new CompressionStream("deflate-raw"));
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** The value of a fragment; `undefined` if it is none of this page's. */
async function decode(fragment) {
  try {
    const text = atob(fragment.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(text, (char) => char.charCodeAt(0));
    const inflated = await pass(bytes, new DecompressionStream("deflate-raw"));
    return JSON.parse(new TextDecoder().decode(inflated));
  } catch {
    return undefined;
  }
}
