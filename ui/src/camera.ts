// The computer's camera, where it has one and the web view lets pages use it.

/** A camera can be asked for. Nothing is switched on by asking this. */
export async function hasCamera(): Promise<boolean> {
  try {
    const devices = await navigator.mediaDevices.enumerateDevices();
    return devices.some(({ kind }) => kind === "videoinput");
  } catch {
    // The web view knows no cameras.
    return false;
  }
}

export const openCamera = () =>
  navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } } });

export function closeCamera(stream: MediaStream | null) {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

/** More than this takes time and finds nothing that is smaller. */
const MAX_SIDE = 1280;

/** What the camera shows now, as a JPEG picture; null while it shows nothing. */
export async function snapshot(video: HTMLVideoElement): Promise<Uint8Array | null> {
  const { videoWidth, videoHeight } = video;
  if (videoWidth === 0 || videoHeight === 0) return null;
  const scale = Math.min(1, MAX_SIDE / Math.max(videoWidth, videoHeight));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(videoWidth * scale);
  canvas.height = Math.round(videoHeight * scale);
  canvas.getContext("2d")?.drawImage(video, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", 0.9));
  return blob ? new Uint8Array(await blob.arrayBuffer()) : null;
}
