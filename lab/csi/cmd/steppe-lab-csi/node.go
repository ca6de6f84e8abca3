package main

import (
	"context"
	"errors"
	"os"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// node mounts volumes on the host that it runs on. The mounts are the host's and outlive the process.
type node struct {
	csi.UnimplementedNodeServer
	told   options
	keeper backend
}

// NodeGetInfo says where this is. In a shared directory it leaves a mark, by which the controller knows its nodes.
func (n *node) NodeGetInfo(ctx context.Context, _ *csi.NodeGetInfoRequest) (*csi.NodeGetInfoResponse, error) {
	if n.keeper.fixed() {
		if err := in(ctx, n.keeper, "", func(s store) error { return s.meet(n.told.nodeID) }); err != nil {
			return nil, answered(err)
		}
	}
	answer := &csi.NodeGetInfoResponse{NodeId: n.told.nodeID}
	if len(n.told.topology) > 0 {
		answer.AccessibleTopology = &csi.Topology{Segments: n.told.topology}
	}
	return answer, nil
}

func (n *node) NodeGetCapabilities(
	context.Context, *csi.NodeGetCapabilitiesRequest,
) (*csi.NodeGetCapabilitiesResponse, error) {
	stages := &csi.NodeServiceCapability_RPC{Type: csi.NodeServiceCapability_RPC_STAGE_UNSTAGE_VOLUME}
	return &csi.NodeGetCapabilitiesResponse{
		Capabilities: []*csi.NodeServiceCapability{{Type: &csi.NodeServiceCapability_Rpc{Rpc: stages}}},
	}, nil
}

// NodeStageVolume mounts a volume once per host.
func (n *node) NodeStageVolume(ctx context.Context, asked *csi.NodeStageVolumeRequest) (*csi.NodeStageVolumeResponse, error) {
	target := asked.GetStagingTargetPath()
	if asked.GetVolumeId() == "" || target == "" {
		return nil, status.Error(codes.InvalidArgument, "volume id and staging target path must be given")
	}
	if err := checkCapability(n.keeper, asked.GetVolumeCapability()); err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	v, ok := parseVolumeID(asked.GetVolumeId())
	if !ok {
		return nil, answered(errNoVolume)
	}
	flags := asked.GetVolumeCapability().GetMount().GetMountFlags()
	return &csi.NodeStageVolumeResponse{}, answered(n.stage(ctx, v, asked.GetVolumeContext(), target, flags))
}

func (n *node) stage(ctx context.Context, v volume, registration map[string]string, target string, flags []string) error {
	if err := makeDirectory(target); err != nil {
		return err
	}
	mounted, _, err := mountedAt(target)
	if err != nil || mounted {
		return err
	}
	return n.keeper.stage(ctx, v, registration, target, flags)
}

// NodeUnstageVolume takes a volume off the host.
func (n *node) NodeUnstageVolume(_ context.Context, asked *csi.NodeUnstageVolumeRequest) (*csi.NodeUnstageVolumeResponse, error) {
	if asked.GetVolumeId() == "" || asked.GetStagingTargetPath() == "" {
		return nil, status.Error(codes.InvalidArgument, "volume id and staging target path must be given")
	}
	return &csi.NodeUnstageVolumeResponse{}, answered(unmountAll(asked.GetStagingTargetPath()))
}

// NodePublishVolume mounts what was staged where one allocation finds it.
func (n *node) NodePublishVolume(_ context.Context, asked *csi.NodePublishVolumeRequest) (*csi.NodePublishVolumeResponse, error) {
	if asked.GetVolumeId() == "" || asked.GetTargetPath() == "" {
		return nil, status.Error(codes.InvalidArgument, "volume id and target path must be given")
	}
	if err := checkCapability(n.keeper, asked.GetVolumeCapability()); err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	if _, ok := parseVolumeID(asked.GetVolumeId()); !ok {
		return nil, answered(errNoVolume)
	}
	staged, stagedReadOnly, err := mountedAt(asked.GetStagingTargetPath())
	if err != nil {
		return nil, answered(err)
	}
	if asked.GetStagingTargetPath() == "" || !staged {
		return nil, status.Error(codes.FailedPrecondition, "volume must be staged on this node first")
	}
	return &csi.NodePublishVolumeResponse{}, answered(publish(asked, stagedReadOnly))
}

func publish(asked *csi.NodePublishVolumeRequest, stagedReadOnly bool) error {
	target := asked.GetTargetPath()
	if err := makeDirectory(target); err != nil {
		return err
	}
	mounted, readOnly, err := mountedAt(target)
	if err != nil {
		return err
	}
	if mounted && readOnly && !asked.GetReadonly() && !stagedReadOnly {
		return status.Errorf(codes.AlreadyExists, "%s is mounted for reading alone", target)
	}
	if !mounted {
		if err := bind(asked.GetStagingTargetPath(), target); err != nil {
			return err
		}
	}
	if !asked.GetReadonly() {
		return nil
	}
	// Also of a mount that was there: whoever made it may have been killed before this step.
	return restrict(target, []string{"ro"})
}

// NodeUnpublishVolume takes a volume from one allocation.
func (n *node) NodeUnpublishVolume(
	_ context.Context, asked *csi.NodeUnpublishVolumeRequest,
) (*csi.NodeUnpublishVolumeResponse, error) {
	if asked.GetVolumeId() == "" || asked.GetTargetPath() == "" {
		return nil, status.Error(codes.InvalidArgument, "volume id and target path must be given")
	}
	if err := unmountAll(asked.GetTargetPath()); err != nil {
		return nil, answered(err)
	}
	// Never by RemoveAll: what is below could be the volume.
	if err := os.Remove(asked.GetTargetPath()); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, answered(err)
	}
	return &csi.NodeUnpublishVolumeResponse{}, nil
}
