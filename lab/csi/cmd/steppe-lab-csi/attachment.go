package main

import (
	"maps"
	"slices"
	"strings"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// attachment is one node's right to mount a volume.
type attachment struct {
	Mode     string `json:"mode"`
	ReadOnly bool   `json:"readOnly"`
}

func (a attachment) reach() reach {
	return reaches[csi.VolumeCapability_AccessMode_Mode(modeNumber(a.Mode))]
}

func modeNumber(name string) int32 { return csi.VolumeCapability_AccessMode_Mode_value[name] }

func (a attachment) writes() bool { return a.reach().writers && !a.ReadOnly }

func (a attachment) String() string {
	if a.ReadOnly {
		return a.Mode + ", read-only"
	}
	return a.Mode
}

// attach gives a node the right to mount a volume, or says why it cannot have it beside those that do.
func (r record) attach(nodeID string, wanted attachment) error {
	if has, there := r.Attachments[nodeID]; there {
		if has == wanted {
			return nil
		}
		return status.Errorf(codes.AlreadyExists, "volume is attached to node %s as %s, not as %s", nodeID, has, wanted)
	}
	for _, other := range r.attachedTo() {
		has := r.Attachments[other]
		switch {
		case !wanted.reach().manyNodes || !has.reach().manyNodes:
			return status.Errorf(codes.FailedPrecondition, "volume is attached to node %s as %s: %s allows one node; node %s must wait",
				other, has, singleNodeMode(has, wanted), nodeID)
		case wanted.writes() && has.writes() && !(wanted.reach().manyWriters && has.reach().manyWriters):
			return status.Errorf(codes.FailedPrecondition, "volume is attached to node %s as %s: one node may write; node %s must wait",
				other, has, nodeID)
		}
	}
	r.Attachments[nodeID] = wanted
	return nil
}

func singleNodeMode(has, wanted attachment) string {
	if !has.reach().manyNodes {
		return has.Mode
	}
	return wanted.Mode
}

// detach takes a node's right away; without a node, everyone's.
func (r record) detach(nodeID string) {
	if nodeID == "" {
		clear(r.Attachments)
	}
	delete(r.Attachments, nodeID)
}

// attachedTo are the nodes that may mount the volume, sorted.
func (r record) attachedTo() []string { return slices.Sorted(maps.Keys(r.Attachments)) }

// inUse says why a volume cannot be deleted.
func (r record) inUse() error {
	if len(r.Attachments) == 0 {
		return nil
	}
	return status.Errorf(codes.FailedPrecondition, "volume is attached to %s: detach it first", strings.Join(r.attachedTo(), ", "))
}
