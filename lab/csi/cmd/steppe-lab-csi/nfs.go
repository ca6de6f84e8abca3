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
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
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
	place, err := exportOf(parameters)
	delete(parameters, "server")
	delete(parameters, "share")
	return place, err
}

// exportOf reads server and share.
func exportOf(parameters map[string]string) (string, error) {
	server, share := parameters["server"], parameters["share"]
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

func (n nfsBackend) stage(ctx context.Context, v volume, registration map[string]string, target string, flags []string) error {
	if v.place != "" {
		return n.mount(ctx, store{root: v.place}.data(v.name), target, flags)
	}
	if len(registration) == 0 {
		return errNoVolume
	}
	source, err := registeredSource(registration)
	if err != nil {
		return status.Error(codes.InvalidArgument, err.Error())
	}
	return n.mount(ctx, source, target, flags)
}

// registeredSource is what to mount of a volume that csi-driver-nfs would know by its context: server, share and subdir.
func registeredSource(registration map[string]string) (string, error) {
	source, err := exportOf(registration)
	subdir := registration["subdir"]
	below := path.Join("/", subdir)
	if subdir != "" && (!shareShape.MatchString(below) || below != "/"+subdir) {
		err = errors.Join(err, fmt.Errorf("context subdir: must be a path below the share, got %q", subdir))
	}
	return source + strings.TrimSuffix(below, "/"), err
}

func (n nfsBackend) fsType() string { return "nfs" }

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
