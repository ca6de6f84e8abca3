package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"golang.org/x/sys/unix"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// places are the directories that an orchestrator gives for one volume on one host.
type places struct{ staging, target string }

func placesOf(t *testing.T) places {
	t.Helper()
	folder := t.TempDir()
	found := places{staging: filepath.Join(folder, "staging"), target: filepath.Join(folder, "target")}
	t.Cleanup(func() {
		if err := errors.Join(unmountAll(found.target), unmountAll(found.staging)); err != nil {
			t.Error(err)
		}
	})
	return found
}

func mountVolume(t *testing.T, p plugin, id string, at places, readOnly bool, flags ...string) error {
	t.Helper()
	capability := capabilityOf(manyWriters)
	capability.GetMount().MountFlags = flags
	_, err := p.NodeStageVolume(soon(t), &csi.NodeStageVolumeRequest{
		VolumeId: id, StagingTargetPath: at.staging, VolumeCapability: capability,
	})
	if err != nil {
		return err
	}
	_, err = p.NodePublishVolume(soon(t), &csi.NodePublishVolumeRequest{
		VolumeId: id, StagingTargetPath: at.staging, TargetPath: at.target, VolumeCapability: capability, Readonly: readOnly,
	})
	return err
}

func unmountVolume(t *testing.T, p plugin, id string, at places) {
	t.Helper()
	_, err := p.NodeUnpublishVolume(soon(t), &csi.NodeUnpublishVolumeRequest{VolumeId: id, TargetPath: at.target})
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.NodeUnstageVolume(soon(t), &csi.NodeUnstageVolumeRequest{VolumeId: id, StagingTargetPath: at.staging})
	if err != nil {
		t.Fatal(err)
	}
}

func TestDataMovesBetweenNodes(t *testing.T) {
	needMounts(t)
	root := t.TempDir()
	share := map[string]string{"server": "storage", "share": "/models"}
	if err := os.Mkdir(filepath.Join(root, "models"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name       string
		keeper     backend
		parameters map[string]string
	}{
		{"directory", directoryBackend{root: root}, nil},
		{"nfs", exports(root), share},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := start(t, options{role: roleMonolith, nodeID: "a"}, test.keeper)
			b := start(t, options{role: roleNode, nodeID: "b"}, test.keeper)
			made, err := a.CreateVolume(soon(t), &csi.CreateVolumeRequest{
				Name: "data", VolumeCapabilities: []*csi.VolumeCapability{capabilityOf(manyWriters)}, Parameters: test.parameters,
			})
			if err != nil {
				t.Fatal(err)
			}
			id := made.GetVolume().GetVolumeId()
			here, there := placesOf(t), placesOf(t)
			for range 2 {
				if err := mountVolume(t, a, id, here, false); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.WriteFile(filepath.Join(here.target, "word"), []byte("kept"), 0o600); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				unmountVolume(t, a, id, here)
			}
			if _, err := os.Stat(here.target); !os.IsNotExist(err) {
				t.Errorf("the target is left: %v", err)
			}
			if err := mountVolume(t, b, id, there, false); err != nil {
				t.Fatal(err)
			}
			if word, err := os.ReadFile(filepath.Join(there.target, "word")); string(word) != "kept" {
				t.Errorf("%q, %v", word, err)
			}
			unmountVolume(t, b, id, there)
			if _, err := a.DeleteVolume(soon(t), &csi.DeleteVolumeRequest{VolumeId: id}); err != nil {
				t.Fatal(err)
			}
			if err := mountVolume(t, b, id, there, false); err == nil {
				t.Error("a deleted volume was mounted")
			}
		})
	}
}

func TestReadOnlyIsKept(t *testing.T) {
	needMounts(t)
	root := t.TempDir()
	p := startDirectory(t, root, "a")
	id := create(t, p, "data", manyWriters)
	at := placesOf(t)
	// As after a kill between the mount and its restriction.
	if err := mountVolume(t, p, id, at, false); err != nil {
		t.Fatal(err)
	}
	if err := mountVolume(t, p, id, at, true); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(at.target, "word"), nil, 0o600); !errors.Is(err, unix.EROFS) {
		t.Errorf("written: %v", err)
	}
	if err := os.WriteFile(filepath.Join(at.staging, "word"), nil, 0o600); err != nil {
		t.Errorf("the staged mount is read-only too: %v", err)
	}
	if err := mountVolume(t, p, id, at, false); status.Code(err) != codes.AlreadyExists {
		t.Errorf("got %v", err)
	}
	unmountVolume(t, p, id, at)
}

func TestMountFlags(t *testing.T) {
	needMounts(t)
	p := startDirectory(t, t.TempDir(), "a")
	id := create(t, p, "data", manyWriters)
	at := placesOf(t)
	if err := mountVolume(t, p, id, at, false, "noatime,exec"); status.Code(err) != codes.InvalidArgument {
		t.Errorf("got %v", err)
	}
	if err := mountVolume(t, p, id, at, false, "noexec", "nosuid"); err != nil {
		t.Fatal(err)
	}
	found, err := mountsAt(at.target)
	if err != nil || len(found) != 1 || !strings.Contains(found[0].Options, "noexec") || !strings.Contains(found[0].Options, "nosuid") {
		t.Errorf("%v, %v", found, err)
	}
	unmountVolume(t, p, id, at)
}

// A mount that is lost below a target must not be taken for one to delete through.
func TestUnpublishDeletesNoData(t *testing.T) {
	p := startDirectory(t, t.TempDir(), "a")
	id := create(t, p, "data", manyWriters)
	target := t.TempDir()
	if err := os.WriteFile(filepath.Join(target, "word"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := p.NodeUnpublishVolume(soon(t), &csi.NodeUnpublishVolumeRequest{VolumeId: id, TargetPath: target}); err == nil {
		t.Error("took a full directory away")
	}
	if _, err := os.Stat(filepath.Join(target, "word")); err != nil {
		t.Error(err)
	}
}

// Exports are held open for one call and leave no mount.
func TestExportsLeaveNoMount(t *testing.T) {
	needMounts(t)
	opened, done, err := exports(t.TempDir()).open(soon(t), "storage:/")
	if err != nil {
		t.Fatal(err)
	}
	if err := opened.locked(soon(t), func() error { return nil }); err != nil {
		t.Error(err)
	}
	table, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil || strings.Contains(string(table), "/steppe-lab-csi-") {
		t.Errorf("still mounted: %v", err)
	}
	if err := done(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(opened.root); err == nil {
		t.Error("still open")
	}
}

func TestMountsWhatWasRegistered(t *testing.T) {
	var sources []string
	keeper := nfsBackend{mount: func(_ context.Context, source, _ string, flags []string) error {
		sources = append(sources, source+" "+strings.Join(flags, ","))
		return nil
	}}
	p := start(t, options{role: roleNode, nodeID: "a"}, keeper)
	stage := func(id string, registration map[string]string) error {
		capability := capabilityOf(manyWriters)
		capability.GetMount().FsType = "nfs"
		capability.GetMount().MountFlags = []string{"hard", "noatime"}
		_, err := p.NodeStageVolume(soon(t), &csi.NodeStageVolumeRequest{
			VolumeId: id, StagingTargetPath: filepath.Join(t.TempDir(), "staging"), VolumeCapability: capability,
			VolumeContext: registration,
		})
		return err
	}
	for _, test := range []struct {
		registration map[string]string
		source       string
	}{
		{map[string]string{"server": "nas", "share": "/models"}, "nas:/models hard,noatime"},
		{map[string]string{"server": "nas", "share": "/models", "subdir": "hf/cache"}, "nas:/models/hf/cache hard,noatime"},
	} {
		if err := stage("models", test.registration); err != nil {
			t.Fatal(err)
		}
		if got := sources[len(sources)-1]; got != test.source {
			t.Errorf("mounts %q, not %q", got, test.source)
		}
	}
	for _, test := range []struct {
		registration map[string]string
		code         codes.Code
		says         string
	}{
		{nil, codes.NotFound, "no such volume"},
		{map[string]string{"server": "nas"}, codes.InvalidArgument, "parameter share"},
		{map[string]string{"server": "nas", "share": "/models", "subdir": "../secrets"}, codes.InvalidArgument, "context subdir"},
	} {
		err := stage("models", test.registration)
		if status.Code(err) != test.code || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%v: %v, not %s with %q", test.registration, err, test.code, test.says)
		}
	}
}
