// The computer's camera, if there is one and the webview lets pages use it.

/** Whether there is a camera. This doesn't switch it on. */
export async function hasCamera(): Promise<boolean> {
  try {
    const devices = await navigator.mediaDevices.enumerateDevices();
    return devices.some(({ kind }) => kind === "videoinput");
  } catch {
    // The webview doesn't support cameras.
    return false;
  }
}

export const openCamera = () =>
  navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: 1280 } } });

export function closeCamera(stream: MediaStream | null) {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

/** Longest side of a frame, in pixels: larger frames take longer and reveal no smaller codes. */
const MAX_SIDE = 1280;

/** The camera's current frame as a JPEG picture, or null if there is none yet. */
export async function captureFrame(video: HTMLVideoElement): Promise<Uint8Array | null> {
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
