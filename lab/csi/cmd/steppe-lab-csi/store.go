package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// store is a directory with volumes and what is known of them:
//
//	volumes/<name>/     data
//	records/<name>.json what was asked for, and where it is attached
//	nodes/<node id>     nodes that have been seen
//	trash/              what is being deleted
//
// Every change is one rename under a lock of the directory, which the kernel drops when its holder dies.
type store struct{ root string }

// record is what is known of a volume.
type record struct {
	// Name is the name that the volume was asked for under.
	Name          string            `json:"name"`
	CapacityBytes int64             `json:"capacityBytes"`
	Modes         []string          `json:"modes"`
	Parameters    map[string]string `json:"parameters"`
	// Attachments are the nodes that may mount it.
	Attachments map[string]attachment `json:"attachments"`
}

var errNoVolume = errors.New("there is no such volume")

func (s store) data(name string) string { return filepath.Join(s.root, "volumes", name) }

func (s store) recordFile(name string) string { return filepath.Join(s.root, "records", name+".json") }

// locked runs a change while nobody else makes one.
func (s store) locked(ctx context.Context, change func() error) error {
	for _, folder := range []string{"volumes", "records", "nodes", "trash"} {
		if err := os.MkdirAll(filepath.Join(s.root, folder), 0o755); err != nil {
			return err
		}
	}
	lock, err := os.OpenFile(filepath.Join(s.root, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer lock.Close()
	for {
		err := unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return change()
		}
		if !errors.Is(err, unix.EWOULDBLOCK) && !errors.Is(err, unix.EINTR) {
			return fmt.Errorf("lock of %s: %w", s.root, err)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("lock of %s is held by another: %w", s.root, ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// load reads a record, or says errNoVolume.
func (s store) load(name string) (record, error) {
	var read record
	text, err := os.ReadFile(s.recordFile(name))
	if errors.Is(err, fs.ErrNotExist) {
		return read, errNoVolume
	}
	if err != nil {
		return read, err
	}
	if err := json.Unmarshal(text, &read); err != nil {
		return read, fmt.Errorf("%s: %w", s.recordFile(name), err)
	}
	if read.Attachments == nil {
		read.Attachments = map[string]attachment{}
	}
	return read, nil
}

// save replaces a record as a whole.
func (s store) save(name string, written record) error {
	text, err := json.MarshalIndent(written, "", "  ")
	if err != nil {
		return err
	}
	return writeWhole(s.recordFile(name), append(text, '\n'))
}

// create makes a volume's directory, then its record. Cut short, it can be done again.
func (s store) create(name string, written record, owner ownership) error {
	if err := os.MkdirAll(s.data(name), 0o700); err != nil {
		return err
	}
	if err := os.Chown(s.data(name), owner.uid, owner.gid); err != nil {
		return err
	}
	if err := os.Chmod(s.data(name), owner.mode); err != nil {
		return err
	}
	return s.save(name, written)
}

// remove takes a volume's data away, then its record. Cut short, it can be done again; what lies in the trash by then goes too.
func (s store) remove(name string) error {
	away, err := os.MkdirTemp(filepath.Join(s.root, "trash"), name+"-")
	if err != nil {
		return err
	}
	if err := os.Rename(s.data(name), filepath.Join(away, "data")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Remove(s.recordFile(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	left, err := os.ReadDir(filepath.Join(s.root, "trash"))
	if err != nil {
		return err
	}
	for _, entry := range left {
		if err := os.RemoveAll(filepath.Join(s.root, "trash", entry.Name())); err != nil {
			return err
		}
	}
	return nil
}

// names are those of all volumes, sorted.
func (s store) names() ([]string, error) {
	files, err := filepath.Glob(s.recordFile("*"))
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(files))
	for _, file := range files {
		names = append(names, strings.TrimSuffix(filepath.Base(file), ".json"))
	}
	slices.Sort(names)
	return names, nil
}

// meet notes that a node has been seen.
func (s store) meet(nodeID string) error {
	return writeWhole(filepath.Join(s.root, "nodes", nodeID), nil)
}

func (s store) knows(nodeID string) bool {
	if !nodeIDShape.MatchString(nodeID) {
		return false
	}
	_, err := os.Stat(filepath.Join(s.root, "nodes", nodeID))
	return err == nil
}

// writeWhole replaces a file so that a reader, or the next start, finds the old text or the new.
func writeWhole(path string, text []byte) error {
	temporary, err := os.CreateTemp(filepath.Dir(path), ".new-")
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name())
	_, err = temporary.Write(text)
	if err == nil {
		err = temporary.Sync()
	}
	if err := errors.Join(err, temporary.Close()); err != nil {
		return err
	}
	return os.Rename(temporary.Name(), path)
}
