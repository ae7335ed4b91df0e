/** A self-signed certificate for localhost, good for tests alone: its key is here for everyone to read. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const certificate = `-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIURxGasd+yvCYW4nDSkXPQiH5jg9QwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMjE1MDE1M1oYDzIxMjYxMDI5
MTUwMTUzWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATy1htxC7zM567/ATv85P/U6CKCHj93xktEFd/ev6ZyQ+9IYd7r6eeh
WVmS6NhAX5qmJQ8sVqJjDyL9Eh9POkw4o28wbTAdBgNVHQ4EFgQUJvoG0ZJrTuOM
nFtpW0paXvPMosswHwYDVR0jBBgwFoAUJvoG0ZJrTuOMnFtpW0paXvPMosswDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSAAwRQIgbU++tIifA+h7TbDwqx6Z3sE/qyvKi6rDmTqGwF+2H1ICIQDe
i6Rrah1T2SM704HtBgtgpEVVaTsEM6KFJoO1PqGWtg==
-----END CERTIFICATE-----
`

const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgHaDGh7kRbCZy4Vip
NztFNIP2tTQEIq+xgE5gj+t+EgehRANCAATy1htxC7zM567/ATv85P/U6CKCHj93
xktEFd/ev6ZyQ+9IYd7r6eehWVmS6NhAX5qmJQ8sVqJjDyL9Eh9POkw4
-----END PRIVATE KEY-----
`

/** Both as files, in a folder that `remove` takes away. */
export function tlsFiles() {
  const folder = mkdtempSync(join(tmpdir(), 'godwit-tls-'))
  const [cert, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  writeFileSync(cert, certificate)
  writeFileSync(keyFile, key)
  return { cert, key: keyFile, remove: () => rmSync(folder, { recursive: true }) }
}
