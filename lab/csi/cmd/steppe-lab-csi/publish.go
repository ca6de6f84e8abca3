package main

import (
	"context"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// ControllerPublishVolume lets a node mount a volume. For the modes of one node it lets no second one.
func (c *controller) ControllerPublishVolume(
	ctx context.Context, asked *csi.ControllerPublishVolumeRequest,
) (*csi.ControllerPublishVolumeResponse, error) {
	if asked.GetVolumeId() == "" || asked.GetNodeId() == "" {
		return nil, status.Error(codes.InvalidArgument, "volume id and node id must be given")
	}
	if err := checkCapability(c.keeper, asked.GetVolumeCapability()); err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	wanted := attachment{Mode: asked.GetVolumeCapability().GetAccessMode().GetMode().String(), ReadOnly: asked.GetReadonly()}
	err := c.within(ctx, asked.GetVolumeId(), func(s store, name string) error {
		has, err := s.load(name)
		if err != nil {
			return err
		}
		if c.keeper.fixed() && !s.knows(asked.GetNodeId()) {
			return status.Errorf(codes.NotFound, "node %s has never run this plugin", asked.GetNodeId())
		}
		if missing := modesMissing(has, []*csi.VolumeCapability{asked.GetVolumeCapability()}); len(missing) > 0 {
			return status.Errorf(codes.InvalidArgument, "volume was made for %v, not for %s", has.Modes, wanted.Mode)
		}
		if err := has.attach(asked.GetNodeId(), wanted); err != nil {
			return err
		}
		return s.save(name, has)
	})
	if err != nil {
		return nil, err
	}
	return &csi.ControllerPublishVolumeResponse{}, nil
}

// ControllerUnpublishVolume takes a node's right to mount a volume; without a node, everyone's.
func (c *controller) ControllerUnpublishVolume(
	ctx context.Context, asked *csi.ControllerUnpublishVolumeRequest,
) (*csi.ControllerUnpublishVolumeResponse, error) {
	err := c.change(ctx, asked.GetVolumeId(), func(has *record) error {
		has.detach(asked.GetNodeId())
		return nil
	})
	if err != nil && status.Code(err) != codes.NotFound {
		return nil, err
	}
	return &csi.ControllerUnpublishVolumeResponse{}, nil
}
