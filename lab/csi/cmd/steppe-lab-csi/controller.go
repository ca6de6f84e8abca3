package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// controller makes volumes, attaches them to nodes and deletes them. It remembers nothing: all is in the store.
type controller struct {
	csi.UnimplementedControllerServer
	told   options
	keeper backend
}

func (c *controller) ControllerGetCapabilities(
	context.Context, *csi.ControllerGetCapabilitiesRequest,
) (*csi.ControllerGetCapabilitiesResponse, error) {
	kinds := []csi.ControllerServiceCapability_RPC_Type{
		csi.ControllerServiceCapability_RPC_CREATE_DELETE_VOLUME,
		csi.ControllerServiceCapability_RPC_PUBLISH_UNPUBLISH_VOLUME,
		csi.ControllerServiceCapability_RPC_PUBLISH_READONLY,
		csi.ControllerServiceCapability_RPC_EXPAND_VOLUME,
	}
	if c.keeper.fixed() {
		kinds = append(kinds,
			csi.ControllerServiceCapability_RPC_LIST_VOLUMES,
			csi.ControllerServiceCapability_RPC_LIST_VOLUMES_PUBLISHED_NODES,
			csi.ControllerServiceCapability_RPC_GET_CAPACITY)
	}
	answer := &csi.ControllerGetCapabilitiesResponse{}
	for _, kind := range kinds {
		answer.Capabilities = append(answer.Capabilities, &csi.ControllerServiceCapability{
			Type: &csi.ControllerServiceCapability_Rpc{Rpc: &csi.ControllerServiceCapability_RPC{Type: kind}},
		})
	}
	return answer, nil
}

// CreateVolume makes a volume, or finds the one that was made under the same name.
func (c *controller) CreateVolume(ctx context.Context, asked *csi.CreateVolumeRequest) (*csi.CreateVolumeResponse, error) {
	if asked.GetName() == "" {
		return nil, status.Error(codes.InvalidArgument, "name must be given")
	}
	if asked.GetVolumeContentSource() != nil {
		return nil, status.Error(codes.InvalidArgument, "volumes cannot be made from snapshots or other volumes")
	}
	size, err := sizeOf(asked.GetCapacityRange())
	if err != nil {
		return nil, status.Error(codes.OutOfRange, err.Error())
	}
	if err := c.checkTopology(asked.GetAccessibilityRequirements()); err != nil {
		return nil, status.Error(codes.ResourceExhausted, err.Error())
	}
	unread := maps.Clone(asked.GetParameters())
	place, placeProblem := c.keeper.place(unread)
	owner, ownerProblem := ownershipOf(unread)
	err = errors.Join(placeProblem, ownerProblem, unknownParameters(unread),
		checkCapabilities(c.keeper, asked.GetVolumeCapabilities()))
	made := volume{place: place, name: volumeName(asked.GetName())}
	if len(made.id()) > maxIDBytes {
		err = errors.Join(err, fmt.Errorf("id %q would be longer than the %d bytes of CSI", made.id(), maxIDBytes))
	}
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	wanted := record{
		Name:          asked.GetName(),
		CapacityBytes: size,
		Modes:         modesOf(asked.GetVolumeCapabilities()),
		Parameters:    asked.GetParameters(),
	}
	err = in(ctx, c.keeper, place, func(s store) error {
		has, err := s.load(made.name)
		if err == nil {
			wanted.CapacityBytes = has.CapacityBytes
			return has.sameAs(asked)
		}
		if !errors.Is(err, errNoVolume) {
			return err
		}
		if free, err := s.freeBytes(); err != nil || free < size {
			return errors.Join(err, outOfRange(size, free))
		}
		return s.create(made.name, wanted, owner)
	})
	if err != nil {
		return nil, answered(err)
	}
	return &csi.CreateVolumeResponse{Volume: c.describe(made, wanted)}, nil
}

// DeleteVolume deletes a volume that no node may mount. What is not there is deleted.
func (c *controller) DeleteVolume(ctx context.Context, asked *csi.DeleteVolumeRequest) (*csi.DeleteVolumeResponse, error) {
	if asked.GetVolumeId() == "" {
		return nil, status.Error(codes.InvalidArgument, "volume id must be given")
	}
	v, ok := parseVolumeID(asked.GetVolumeId())
	if !ok {
		return &csi.DeleteVolumeResponse{}, nil
	}
	err := in(ctx, c.keeper, v.place, func(s store) error {
		has, err := s.load(v.name)
		if err == nil {
			err = has.inUse()
		}
		if err != nil && !errors.Is(err, errNoVolume) {
			return err
		}
		return s.remove(v.name)
	})
	if err != nil && !errors.Is(err, errNoVolume) {
		return nil, answered(err)
	}
	return &csi.DeleteVolumeResponse{}, nil
}

// ValidateVolumeCapabilities confirms what the volume was made for.
func (c *controller) ValidateVolumeCapabilities(
	ctx context.Context, asked *csi.ValidateVolumeCapabilitiesRequest,
) (*csi.ValidateVolumeCapabilitiesResponse, error) {
	if asked.GetVolumeId() == "" || len(asked.GetVolumeCapabilities()) == 0 {
		return nil, status.Error(codes.InvalidArgument, "volume id and capabilities must be given")
	}
	has, err := c.find(ctx, asked.GetVolumeId())
	if err != nil {
		return nil, err
	}
	problem := checkCapabilities(c.keeper, asked.GetVolumeCapabilities())
	if missing := modesMissing(has, asked.GetVolumeCapabilities()); len(missing) > 0 {
		problem = errors.Join(problem, fmt.Errorf("volume was made for %s, not for %s",
			strings.Join(has.Modes, ", "), strings.Join(missing, ", ")))
	}
	if problem != nil {
		return &csi.ValidateVolumeCapabilitiesResponse{Message: problem.Error()}, nil
	}
	return &csi.ValidateVolumeCapabilitiesResponse{
		Confirmed: &csi.ValidateVolumeCapabilitiesResponse_Confirmed{
			VolumeContext:      asked.GetVolumeContext(),
			VolumeCapabilities: asked.GetVolumeCapabilities(),
			Parameters:         asked.GetParameters(),
		},
	}, nil
}

// ControllerExpandVolume writes a larger capacity down; no node has anything to do.
func (c *controller) ControllerExpandVolume(
	ctx context.Context, asked *csi.ControllerExpandVolumeRequest,
) (*csi.ControllerExpandVolumeResponse, error) {
	if asked.GetCapacityRange() == nil {
		return nil, status.Error(codes.InvalidArgument, "capacity must be given")
	}
	size, err := sizeOf(asked.GetCapacityRange())
	if err != nil {
		return nil, status.Error(codes.OutOfRange, err.Error())
	}
	err = c.change(ctx, asked.GetVolumeId(), func(has *record) error {
		has.CapacityBytes = max(has.CapacityBytes, size)
		size = has.CapacityBytes
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &csi.ControllerExpandVolumeResponse{CapacityBytes: size}, nil
}

func (c *controller) describe(v volume, has record) *csi.Volume {
	described := &csi.Volume{VolumeId: v.id(), CapacityBytes: has.CapacityBytes}
	if len(c.told.topology) > 0 {
		described.AccessibleTopology = []*csi.Topology{{Segments: c.told.topology}}
	}
	return described
}

// find reads what is known of a volume.
func (c *controller) find(ctx context.Context, id string) (record, error) {
	var found record
	err := c.within(ctx, id, func(s store, name string) (err error) {
		found, err = s.load(name)
		return err
	})
	return found, err
}

// change reads what is known of a volume, lets it be changed and writes it.
func (c *controller) change(ctx context.Context, id string, edit func(*record) error) error {
	return c.within(ctx, id, func(s store, name string) error {
		has, err := s.load(name)
		if err != nil {
			return err
		}
		if err := edit(&has); err != nil {
			return err
		}
		return s.save(name, has)
	})
}

func (c *controller) within(ctx context.Context, id string, work func(s store, name string) error) error {
	if id == "" {
		return status.Error(codes.InvalidArgument, "volume id must be given")
	}
	v, ok := parseVolumeID(id)
	if !ok {
		return answered(errNoVolume)
	}
	return answered(in(ctx, c.keeper, v.place, func(s store) error { return work(s, v.name) }))
}
