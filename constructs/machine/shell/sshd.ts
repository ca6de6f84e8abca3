import { paths } from "../paths";

/**
 * Lets sshd show the host key that the operator's trust knows, and no other: who connects can check it the first time.
 * The secrets must have been fetched. Logins are by key alone.
 *
 * @param port - that sshd listens on.
 * @see https://man.openbsd.org/sshd_config
 */
export const placeHostKey = (
  port: number,
): string => `grep -qiE '^[[:space:]]*include[[:space:]]+"?/etc/ssh/sshd_config\\.d/' /etc/ssh/sshd_config || {
  echo "steppe: /etc/ssh/sshd_config of this image does not include /etc/ssh/sshd_config.d/*.conf: use one that does" >&2
  exit 1
}
secret ssh-host.key | put 0600 root:root ${paths.sshHostKey} sshd
put 0644 root:root /etc/ssh/sshd_config.d/10-steppe.conf sshd <<'STEPPE_END'
HostKey ${paths.sshHostKey}
PasswordAuthentication no
Port ${port}
STEPPE_END
if [ -e "$changed/sshd" ]; then
  install -d -m 0755 /run/sshd
  sshd -t
  systemctl daemon-reload
  for unit in ssh.socket ssh.service sshd.service; do
    if systemctl is-active --quiet "$unit"; then systemctl restart "$unit"; fi
  done
fi
`;
