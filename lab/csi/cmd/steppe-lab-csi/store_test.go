package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/container-storage-interface/spec/lib/go/csi"
)

// What a process leaves that is killed between two steps is what the next one finds.

func TestCreateContinues(t *testing.T) {
	root := t.TempDir()
	p := startDirectory(t, root, "a")
	name := volumeName("data")
	if err := os.Mkdir(store{root: root}.data(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if id := create(t, p, "data", oneWriter); id != name {
		t.Errorf("made %s", id)
	}
	if info, _ := os.Stat(store{root: root}.data(name)); info.Mode().Perm() != 0o777 {
		t.Errorf("mode is %v", info.Mode())
	}
}

func TestDeleteContinues(t *testing.T) {
	for _, step := range []struct {
		name  string
		leave func(s store, id string) error
	}{
		{"data in the trash", func(s store, id string) error { return os.Rename(s.data(id), filepath.Join(s.root, "trash", id)) }},
		{"record gone, data in the trash", func(s store, id string) error {
			return errors.Join(os.Rename(s.data(id), filepath.Join(s.root, "trash", id)), os.Remove(s.recordFile(id)))
		}},
		{"a record half written", func(s store, _ string) error {
			return os.WriteFile(filepath.Join(s.root, "records", ".new-1"), []byte("{"), 0o600)
		}},
	} {
		t.Run(step.name, func(t *testing.T) {
			s := store{root: t.TempDir()}
			p := startDirectory(t, s.root, "a")
			id := create(t, p, "data", oneWriter)
			if err := os.WriteFile(filepath.Join(s.data(id), "file"), nil, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := step.leave(s, id); err != nil {
				t.Fatal(err)
			}
			if _, err := p.DeleteVolume(soon(t), &csi.DeleteVolumeRequest{VolumeId: id}); err != nil {
				t.Fatal(err)
			}
			listed, err := p.ListVolumes(soon(t), &csi.ListVolumesRequest{})
			if err != nil || len(listed.GetEntries()) != 0 {
				t.Errorf("%v, %v", listed, err)
			}
			for _, folder := range []string{"volumes", "trash"} {
				if left, _ := os.ReadDir(filepath.Join(s.root, folder)); len(left) != 0 {
					t.Errorf("%s holds %v", folder, left)
				}
			}
		})
	}
}

func TestLockEndsWithItsHolder(t *testing.T) {
	s := store{root: t.TempDir()}
	held := make(chan struct{})
	release := make(chan struct{})
	done := make(chan error, 1)
	go func() {
		done <- s.locked(context.Background(), func() error { close(held); <-release; return errors.New("failed") })
	}()
	<-held
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if err := s.locked(ctx, func() error { return nil }); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got in: %v", err)
	}
	close(release)
	<-done
	if err := s.locked(context.Background(), func() error { return nil }); err != nil {
		t.Error(err)
	}
}

func TestVolumeIDs(t *testing.T) {
	for _, v := range []volume{{name: "data-1a2b3c4d"}, {place: "10.61.1.5:/srv/nfs", name: "data-1a2b3c4d"}} {
		if read, ok := parseVolumeID(v.id()); !ok || read != v {
			t.Errorf("%q is read as %v", v.id(), read)
		}
	}
	for _, id := range []string{"", "#data", "Data", "a/b", "..", "host:/x#", "host:/x#a/b"} {
		if read, ok := parseVolumeID(id); ok {
			t.Errorf("%q is read as %v", id, read)
		}
	}
	if volumeName("Models / Llama") == volumeName("models-llama") {
		t.Error("two names have one directory")
	}
	for _, asked := range []string{"Models / Llama", "___", "Ünïcode", "a"} {
		if !volumeNameShape.MatchString(volumeName(asked)) {
			t.Errorf("%q gives %q", asked, volumeName(asked))
		}
	}
}

func TestPages(t *testing.T) {
	names := []string{"a", "b", "c"}
	page, next, err := pageOf(names, "", 2)
	if err != nil || len(page) != 2 || next != "from:c" {
		t.Errorf("%v %q %v", page, next, err)
	}
	if page, next, err = pageOf(names, next, 2); err != nil || len(page) != 1 || next != "" {
		t.Errorf("%v %q %v", page, next, err)
	}
	if _, _, err = pageOf(names, "", -1); err == nil {
		t.Error("took a negative number")
	}
}
