package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"regexp"
	"strings"

	"golang.org/x/sys/unix"
)

// nfsBackend keeps volumes on exports of NFSv4 servers. Each export holds the records of its own volumes.
type nfsBackend struct {
	// mount mounts server:/path.
	mount func(ctx context.Context, source, target string, flags []string) error
}

var (
	serverShape = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$`)
	shareShape  = regexp.MustCompile(`^/[A-Za-z0-9._/-]*$`)
)

func (n nfsBackend) fixed() bool { return false }

func (n nfsBackend) ready() error { return nil }

// place reads the parameters server and share.
func (n nfsBackend) place(parameters map[string]string) (string, error) {
	server, share := parameters["server"], parameters["share"]
	delete(parameters, "server")
	delete(parameters, "share")
	var problems []error
	if !serverShape.MatchString(server) {
		problems = append(problems, fmt.Errorf("parameter server: must be a host name or an IPv4 address, got %q", server))
	}
	if !shareShape.MatchString(share) || path.Clean(share) != share {
		problems = append(problems, fmt.Errorf("parameter share: must be the absolute path of an export, got %q", share))
	}
	return server + ":" + share, errors.Join(problems...)
}

// open mounts an export where nobody else looks and keeps it by a descriptor alone, so that it goes with this process
// however that ends.
func (n nfsBackend) open(ctx context.Context, place string) (store, func() error, error) {
	server, share, _ := strings.Cut(place, ":")
	if !serverShape.MatchString(server) || !shareShape.MatchString(share) {
		return store{}, nil, fmt.Errorf("%w: %q is no server:/share", errNoVolume, place)
	}
	point, err := os.MkdirTemp("", "steppe-lab-csi-")
	if err != nil {
		return store{}, nil, err
	}
	defer os.Remove(point)
	if err := n.mount(ctx, place, point, nil); err != nil {
		return store{}, nil, err
	}
	held, err := os.Open(point)
	if err := errors.Join(err, unix.Unmount(point, unix.MNT_DETACH)); err != nil {
		return store{}, nil, err
	}
	return store{root: fmt.Sprintf("/proc/self/fd/%d", held.Fd())}, held.Close, nil
}

func (n nfsBackend) stage(ctx context.Context, v volume, target string, flags []string) error {
	if v.place == "" {
		return errNoVolume
	}
	return n.mount(ctx, store{root: v.place}.data(v.name), target, flags)
}

// checkFlags leaves the judgement to mount, which knows the options of its kernel.
func (n nfsBackend) checkFlags(flags []string) error {
	for _, flag := range flags {
		if flag == "" || strings.ContainsAny(flag, ", \t\n") {
			return fmt.Errorf("mount flag %q must be one option", flag)
		}
	}
	return nil
}

// mountNFS runs the machine's mount, which needs nfs-common and a kernel with NFS.
func mountNFS(ctx context.Context, source, target string, flags []string) error {
	args := []string{"-t", "nfs4"}
	if len(flags) > 0 {
		args = append(args, "-o", strings.Join(flags, ","))
	}
	out, err := exec.CommandContext(ctx, "mount", append(args, "--", source, target)...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("mount -t nfs4 %s: %w: %s (is nfs-common installed, and does the kernel have NFS?)",
			source, err, strings.TrimSpace(string(out)))
	}
	return nil
}
