package main

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func create(t *testing.T, p plugin, name string, mode csi.VolumeCapability_AccessMode_Mode) string {
	t.Helper()
	answer, err := p.CreateVolume(soon(t), &csi.CreateVolumeRequest{
		Name: name, VolumeCapabilities: []*csi.VolumeCapability{capabilityOf(mode)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return answer.GetVolume().GetVolumeId()
}

func attachTo(t *testing.T, p plugin, id, nodeID string, mode csi.VolumeCapability_AccessMode_Mode) error {
	t.Helper()
	_, err := p.ControllerPublishVolume(soon(t), &csi.ControllerPublishVolumeRequest{
		VolumeId: id, NodeId: nodeID, VolumeCapability: capabilityOf(mode),
	})
	return err
}

func TestAttachmentsOutliveTheProcess(t *testing.T) {
	root := t.TempDir()
	first := startDirectory(t, root, "a")
	second := startDirectory(t, root, "b")
	id := create(t, first, "data", oneWriter)
	if err := attachTo(t, first, id, "a", oneWriter); err != nil {
		t.Fatal(err)
	}
	if err := attachTo(t, second, id, "b", oneWriter); status.Code(err) != codes.FailedPrecondition {
		t.Errorf("another process let a second node attach: %v", err)
	}
	_, err := second.DeleteVolume(soon(t), &csi.DeleteVolumeRequest{VolumeId: id})
	if status.Code(err) != codes.FailedPrecondition || status.Convert(err).Message() != "volume is attached to a: detach it first" {
		t.Errorf("an attached volume was deleted: %v", err)
	}
	if _, err := second.ControllerUnpublishVolume(soon(t), &csi.ControllerUnpublishVolumeRequest{VolumeId: id, NodeId: "a"}); err != nil {
		t.Fatal(err)
	}
	if err := attachTo(t, second, id, "b", oneWriter); err != nil {
		t.Error(err)
	}
}

// Of many that ask at once for the only place, one gets it.
func TestOneOfManyAttaches(t *testing.T) {
	root := t.TempDir()
	nodes := []string{"a", "b", "c", "d", "e", "f"}
	plugins := make([]plugin, len(nodes))
	for i, name := range nodes {
		plugins[i] = startDirectory(t, root, name)
	}
	id := create(t, plugins[0], "data", oneWriter)
	var won sync.Map
	var running sync.WaitGroup
	for i, name := range nodes {
		running.Go(func() {
			if err := attachTo(t, plugins[i], id, name, oneWriter); err == nil {
				won.Store(name, true)
			}
		})
	}
	running.Wait()
	count := 0
	won.Range(func(any, any) bool { count++; return true })
	if count != 1 {
		t.Errorf("%d nodes attached", count)
	}
}

func TestCreateNamesAllProblems(t *testing.T) {
	p := startDirectory(t, t.TempDir(), "a")
	block := &csi.VolumeCapability{
		AccessMode: &csi.VolumeCapability_AccessMode{Mode: csi.VolumeCapability_AccessMode_SINGLE_NODE_MULTI_WRITER},
		AccessType: &csi.VolumeCapability_Block{Block: &csi.VolumeCapability_BlockVolume{}},
	}
	_, err := p.CreateVolume(soon(t), &csi.CreateVolumeRequest{
		Name: "data", VolumeCapabilities: []*csi.VolumeCapability{block},
		Parameters: map[string]string{"mode": "0999", "uid": "root", "tier": "gold"},
	})
	if status.Code(err) != codes.InvalidArgument {
		t.Fatal(err)
	}
	for _, part := range []string{
		"block volumes cannot be had", "access mode SINGLE_NODE_MULTI_WRITER", `parameter mode`, `parameter uid`, "not known: tier",
	} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
}

func TestCreateSetsOwnershipOnce(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("giving files away needs root")
	}
	root := t.TempDir()
	p := startDirectory(t, root, "a")
	asked := &csi.CreateVolumeRequest{
		Name: "data", VolumeCapabilities: []*csi.VolumeCapability{capabilityOf(oneWriter)},
		Parameters: map[string]string{"mode": "0750", "uid": "7", "gid": "8"},
	}
	answer, err := p.CreateVolume(soon(t), asked)
	if err != nil {
		t.Fatal(err)
	}
	folder := store{root: root}.data(answer.GetVolume().GetVolumeId())
	if info, _ := os.Stat(folder); info.Mode().Perm() != 0o750 {
		t.Errorf("mode is %v", info.Mode())
	}
	if err := os.Chmod(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := p.CreateVolume(soon(t), asked); err != nil {
		t.Fatal(err)
	}
	if info, _ := os.Stat(folder); info.Mode().Perm() != 0o700 {
		t.Errorf("a repeated call changed the mode to %v", info.Mode())
	}
}

func TestCreateRefusesAnotherVolumeOfTheName(t *testing.T) {
	p := startDirectory(t, t.TempDir(), "a")
	create(t, p, "data", oneWriter)
	_, err := p.CreateVolume(soon(t), &csi.CreateVolumeRequest{
		Name: "data", VolumeCapabilities: []*csi.VolumeCapability{capabilityOf(manyWriters)},
		CapacityRange: &csi.CapacityRange{RequiredBytes: 5},
	})
	if status.Code(err) != codes.AlreadyExists || !strings.Contains(err.Error(), "it has 0 bytes; it was not made for MULTI_NODE_MULTI_WRITER") {
		t.Error(err)
	}
}

func TestCreateRefusesWhatDoesNotFit(t *testing.T) {
	p := startDirectory(t, t.TempDir(), "a")
	_, err := p.CreateVolume(soon(t), &csi.CreateVolumeRequest{
		Name: "data", VolumeCapabilities: []*csi.VolumeCapability{capabilityOf(oneWriter)},
		CapacityRange: &csi.CapacityRange{RequiredBytes: 1 << 60},
	})
	if status.Code(err) != codes.OutOfRange {
		t.Error(err)
	}
}

func TestValidateSaysWhatAVolumeIsNotFor(t *testing.T) {
	p := startDirectory(t, t.TempDir(), "a")
	id := create(t, p, "data", oneWriter)
	answer, err := p.ValidateVolumeCapabilities(soon(t), &csi.ValidateVolumeCapabilitiesRequest{
		VolumeId: id, VolumeCapabilities: []*csi.VolumeCapability{capabilityOf(manyWriters)},
	})
	if err != nil || answer.GetConfirmed() != nil ||
		answer.GetMessage() != "volume was made for SINGLE_NODE_WRITER, not for MULTI_NODE_MULTI_WRITER" {
		t.Errorf("%v, %v", answer, err)
	}
}

func TestIdsLeadNowhereElse(t *testing.T) {
	root := t.TempDir()
	p := startDirectory(t, root, "a")
	outside := filepath.Join(root, "records", "keep.json")
	if err := os.WriteFile(outside, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"../records", "volumes/../keep", "..", "storage:/x#keep"} {
		if _, err := p.DeleteVolume(soon(t), &csi.DeleteVolumeRequest{VolumeId: id}); err != nil {
			t.Errorf("%s: %v", id, err)
		}
	}
	if _, err := os.Stat(outside); err != nil {
		t.Error(err)
	}
}

func TestProbeMissesTheSharedDirectory(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "not-mounted")
	p := start(t, options{role: roleController, directory: missing}, directoryBackend{root: missing})
	_, err := p.Probe(soon(t), &csi.ProbeRequest{})
	if status.Code(err) != codes.FailedPrecondition || !strings.Contains(err.Error(), missing) {
		t.Error(err)
	}
	if _, err := os.Stat(missing); !os.IsNotExist(err) {
		t.Error("it was made")
	}
}

func TestTopology(t *testing.T) {
	root := t.TempDir()
	told := options{role: roleMonolith, nodeID: "a", topology: map[string]string{"zone": "east"}}
	p := start(t, told, directoryBackend{root: root})
	in := func(zone string) *csi.TopologyRequirement {
		return &csi.TopologyRequirement{Requisite: []*csi.Topology{{Segments: map[string]string{"zone": zone}}}}
	}
	asked := &csi.CreateVolumeRequest{
		Name: "data", VolumeCapabilities: []*csi.VolumeCapability{capabilityOf(oneWriter)}, AccessibilityRequirements: in("east"),
	}
	answer, err := p.CreateVolume(soon(t), asked)
	if err != nil || answer.GetVolume().GetAccessibleTopology()[0].GetSegments()["zone"] != "east" {
		t.Errorf("%v, %v", answer, err)
	}
	asked.AccessibilityRequirements = in("west")
	_, err = p.CreateVolume(soon(t), asked)
	if status.Code(err) != codes.ResourceExhausted || !strings.Contains(err.Error(), "used in zone=east, not in zone=west") {
		t.Error(err)
	}
}
