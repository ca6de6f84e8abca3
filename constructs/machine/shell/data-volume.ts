import { paths } from "../paths";

const GROW_UNIT = "steppe-grow.service";

/** Label of the file system on a machine's data volume: what carries another is not ours. */
export const DATA_VOLUME_LABEL = "steppe-data";

/** How long a machine waits for its volume, seconds. AWS attaches it after the machine has begun to boot. */
export const DATA_VOLUME_SECONDS = 300;

/**
 * Mounts a machine's own volume: \`data-volume <device> <directory>\`. The device may be a pattern: the one
 * disk that it names beside that of the system. Formats the device only if nothing at all is on it,
 * mounts what carries our label, and refuses everything else by name. Lets the file system grow to the size of the device.
 * May run again and again.
 *
 * The line in \`/etc/fstab\` has \`nofail\`, so that a machine without its volume boots and can be reached; units that need
 * the volume say \`RequiresMountsFor=\`. A unit lets the file system grow at boot: with \`x-systemd.growfs\` systemd would hold
 * back everything, sshd too, until the volume is there.
 *
 * @see https://docs.aws.amazon.com/ebs/latest/userguide/ebs-using-volumes.html
 * @see https://www.freedesktop.org/software/systemd/man/latest/systemd.mount.html#fstab
 */
export const dataVolume = `#!/bin/sh
set -eu
pattern=\${1:?usage: data-volume <device> <directory>}
directory=\${2:?usage: data-volume <device> <directory>}
limit=\${STEPPE_DEVICE_SECONDS:-${DATA_VOLUME_SECONDS}}
refuse() {
  echo "steppe data volume: $1" >&2
  exit 1
}
case "$pattern$directory" in
*[!A-Za-z0-9/_.:+*-]*) refuse "the device or the directory holds a character that does not belong there: '$pattern' '$directory'" ;;
esac

system=$(findmnt -n -o SOURCE / || true)
# Sets device to the disk that the pattern names; a disk has several names, and its partitions have names of their own.
find_device() {
  device=
  real=
  for candidate in $pattern; do
    [ -b "$candidate" ] || continue
    target=$(readlink -f "$candidate")
    case "$candidate:$system" in
    *-part[0-9]*:* | *:"$target"*) continue ;;
    esac
    [ -z "$real" ] || [ "$real" = "$target" ] ||
      refuse "$pattern names several disks: $device and $candidate; give the machine one volume beside its own"
    if [ -z "$real" ]; then
      device=$candidate
      real=$target
    fi
  done
  [ -n "$real" ]
}

waited=0
until find_device; do
  [ "$waited" -lt "$limit" ] ||
    refuse "gave up after $limit s waiting for $pattern; is the volume attached to this machine?"
  [ $((waited % 10)) != 0 ] || echo "steppe data volume: waiting for $pattern ($waited s)"
  sleep 1
  waited=$((waited + 1))
done

number() { # block device: its number, as mountinfo gives it
  stat -L -c '%t %T' "$1" | while read -r major minor; do echo "$((0x$major)):$((0x$minor))"; done
}
mounted_at() { # number of a block device
  awk -v number="$1" '$3 == number { print $5 }' /proc/self/mountinfo
}
volume=$(number "$real")
if mountpoint -q "$directory"; then
  [ "$(mountpoint -d "$directory")" = "$volume" ] ||
    refuse "something else than $device is mounted at $directory"
else
  elsewhere=$(mounted_at "$volume")
  [ -z "$elsewhere" ] || refuse "$device is mounted at $elsewhere, not at $directory"
fi

# Exit status of blkid: 2 is nothing found, 8 is several that contradict each other.
status=0
found=$(blkid --probe --output export "$real" 2>/dev/null) || status=$?
value() { # key of blkid's
  printf '%s\\n' "$found" | sed -n "s/^$1=//p"
}
case "$status" in
0)
  if [ "$(value TYPE)" != ext4 ] && [ -n "$(value PTTYPE)" ]; then
    refuse "$device has a partition table ($(value PTTYPE)); it is left as it is. Give the machine an empty volume"
  fi
  [ "$(value TYPE)" = ext4 ] ||
    refuse "$device holds $(value TYPE)$(value LABEL | sed 's/^/, labelled /'); it is left as it is. Give the machine an empty volume"
  [ "$(value LABEL)" = ${DATA_VOLUME_LABEL} ] ||
    refuse "$device holds ext4 with the label '$(value LABEL)', not ${DATA_VOLUME_LABEL}; it is left as it is. If it is this machine's data: e2label $device ${DATA_VOLUME_LABEL}"
  ;;
2)
  signatures=$(wipefs --noheadings --output TYPE "$real") || refuse "cannot read $device"
  [ -z "$signatures" ] || refuse "$device holds $(echo "$signatures" | tr -s ' \\n' ' '); it is left as it is"
  cmp -s -n 1048576 "$real" /dev/zero ||
    refuse "$device has no file system, but its first MiB is not empty; it is left as it is. If nothing on it is needed: blkdiscard --zeroout $device"
  echo "steppe data volume: $device is empty; making a file system"
  mkfs.ext4 -q -L ${DATA_VOLUME_LABEL} "$real"
  ;;
8) refuse "$device holds several file systems or tables that contradict each other (wipefs $device shows them); it is left as it is" ;;
*) refuse "cannot look at what $device holds: blkid ended with $status" ;;
esac

install -d -m 0755 "$directory"
line="$device $directory ext4 defaults,nofail,x-systemd.device-timeout=\${limit}s 0 2"
if ! grep -qxF "$line" /etc/fstab 2>/dev/null; then
  new=$(mktemp /etc/fstab.XXXXXX)
  if [ -e /etc/fstab ]; then
    awk -v directory="$directory" '$1 ~ /^#/ || $2 != directory' /etc/fstab >"$new"
  fi
  printf '%s\\n' "$line" >>"$new"
  chmod 0644 "$new"
  mv "$new" /etc/fstab
  cat >${paths.units}/${GROW_UNIT} <<UNIT
[Unit]
Description=Let the data volume's file system grow with the volume
RequiresMountsFor=$directory

[Service]
Type=oneshot
ExecStart=resize2fs $device

[Install]
WantedBy=multi-user.target
UNIT
  systemctl daemon-reload
  systemctl enable --quiet ${GROW_UNIT}
fi
if ! mountpoint -q "$directory"; then
  hidden=$(ls -A "$directory")
  [ -z "$hidden" ] || refuse "$directory is not empty; the volume would hide what is there: $(echo "$hidden" | head -n 3 | tr '\\n' ' ')"
  mount "$directory"
fi
[ "$(mountpoint -d "$directory")" = "$volume" ] || refuse "$device is not what came to be mounted at $directory"
# A machine whose file system is smaller than it could be is better than none.
resize2fs "$real" >/dev/null 2>&1 ||
  echo "steppe data volume: the file system of $device cannot grow to the size of the volume now; see: resize2fs $device" >&2
`;
