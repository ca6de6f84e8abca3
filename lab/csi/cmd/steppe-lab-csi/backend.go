package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
)

// backend is where volumes are kept.
type backend interface {
	// fixed says that there is one place, which is known without a volume's id or parameters.
	fixed() bool
	// ready says why the storage cannot be used now.
	ready() error
	// place reads from parameters where a new volume goes, and takes those that it knows out of them.
	place(parameters map[string]string) (string, error)
	// open makes a place usable until close is called.
	open(ctx context.Context, place string) (opened store, close func() error, err error)
	// stage mounts a volume. The target is an empty directory. The registration is what a volume that exists already was
	// registered with.
	stage(ctx context.Context, v volume, registration map[string]string, target string, flags []string) error
	// fsType is the only file system that may be asked for by name; "" is none.
	fsType() string
	// checkFlags says which mount flags it does not take.
	checkFlags(flags []string) error
}

// in runs a change in a place while nobody else makes one there.
func in(ctx context.Context, keeper backend, place string, change func(store) error) error {
	opened, done, err := keeper.open(ctx, place)
	if err != nil {
		return err
	}
	return errors.Join(opened.locked(ctx, func() error { return change(opened) }), done())
}

// ownership is who may use a new volume.
type ownership struct {
	uid, gid int
	mode     os.FileMode
}

// ownershipOf reads the parameters uid, gid and mode, and takes them out. Tasks run as many users: without a mode all may write.
func ownershipOf(parameters map[string]string) (ownership, error) {
	read := ownership{mode: 0o777}
	var problems []error
	number := func(key string, base, limit int, set func(int64)) {
		text, given := parameters[key]
		if !given {
			return
		}
		delete(parameters, key)
		value, err := strconv.ParseInt(text, base, 64)
		if err != nil || value < 0 || value > int64(limit) {
			problems = append(problems, fmt.Errorf("parameter %s: must be a number of base %d up to %s, got %q",
				key, base, strconv.FormatInt(int64(limit), base), text))
			return
		}
		set(value)
	}
	number("uid", 10, 1<<31-1, func(value int64) { read.uid = int(value) })
	number("gid", 10, 1<<31-1, func(value int64) { read.gid = int(value) })
	number("mode", 8, 0o777, func(value int64) { read.mode = fs.FileMode(value) })
	return read, errors.Join(problems...)
}

// bindFlags are what a bind mount can be told.
var bindFlags = []string{"nodev", "noexec", "nosuid", "ro"}

func checkBindFlags(flags []string) error {
	for _, flag := range flags {
		if !slices.Contains(bindFlags, flag) {
			return fmt.Errorf("mount flag %q is not known here; use some of %v", flag, bindFlags)
		}
	}
	return nil
}
