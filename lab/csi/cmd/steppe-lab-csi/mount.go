package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/moby/sys/mountinfo"
	"golang.org/x/sys/unix"
)

// mountsAt are the mounts on a path, the visible one last. The path itself is not touched: its server may be away.
func mountsAt(path string) ([]*mountinfo.Info, error) {
	return mountinfo.GetMounts(mountinfo.SingleEntryFilter(path))
}

// mountedAt says whether something is mounted on a path, and whether for reading alone.
func mountedAt(path string) (mounted, readOnly bool, err error) {
	found, err := mountsAt(path)
	if err != nil || len(found) == 0 {
		return false, false, err
	}
	visible := found[len(found)-1]
	return true, slices.Contains(strings.Split(visible.Options, ","), "ro"), nil
}

func bind(source, target string) error {
	if err := unix.Mount(source, target, "", unix.MS_BIND, ""); err != nil {
		return fmt.Errorf("bind %s to %s: %w", source, target, err)
	}
	return nil
}

// restrict takes rights from a bind mount. It can be repeated.
func restrict(target string, flags []string) error {
	bits := map[string]uintptr{
		"nodev": unix.MS_NODEV, "noexec": unix.MS_NOEXEC, "nosuid": unix.MS_NOSUID, "ro": unix.MS_RDONLY,
	}
	var wanted uintptr
	for _, flag := range flags {
		wanted |= bits[flag]
	}
	if wanted == 0 {
		return nil
	}
	// What the mount below has must be said again, or it is taken for a wish to drop it.
	var below unix.Statfs_t
	if err := unix.Statfs(target, &below); err != nil {
		return err
	}
	kept := uintptr(below.Flags) & (unix.MS_NODEV | unix.MS_NOEXEC | unix.MS_NOSUID | unix.MS_RDONLY)
	if err := unix.Mount("", target, "", unix.MS_BIND|unix.MS_REMOUNT|wanted|kept, ""); err != nil {
		return fmt.Errorf("remount %s with %v: %w", target, flags, err)
	}
	return nil
}

// unmountAll takes everything off a path, as often as it was mounted.
func unmountAll(path string) error {
	found, err := mountsAt(path)
	if err != nil {
		return err
	}
	for range found {
		if err := unix.Unmount(path, 0); err != nil && !errors.Is(err, unix.EINVAL) {
			return fmt.Errorf("unmount %s: %w", path, err)
		}
	}
	return nil
}

// makeDirectory makes an empty directory to mount on, unless there is one.
func makeDirectory(path string) error {
	if err := os.Mkdir(path, 0o750); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	return nil
}
