package main

import (
	"context"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

const (
	pluginName    = "lab-fixture.csi.steppe.invalid"
	pluginVersion = "1.0.0"
)

// identity says what this plugin is.
type identity struct {
	csi.UnimplementedIdentityServer
	told   options
	keeper backend
}

func (i *identity) GetPluginInfo(context.Context, *csi.GetPluginInfoRequest) (*csi.GetPluginInfoResponse, error) {
	return &csi.GetPluginInfoResponse{
		Name:          pluginName,
		VendorVersion: pluginVersion,
		Manifest:      map[string]string{"purpose": "lab fixture", "backend": i.told.backend},
	}, nil
}

func (i *identity) GetPluginCapabilities(
	context.Context, *csi.GetPluginCapabilitiesRequest,
) (*csi.GetPluginCapabilitiesResponse, error) {
	answer := &csi.GetPluginCapabilitiesResponse{}
	if i.told.role.controls() {
		answer.Capabilities = append(answer.Capabilities, service(csi.PluginCapability_Service_CONTROLLER_SERVICE))
	}
	if len(i.told.topology) > 0 {
		answer.Capabilities = append(answer.Capabilities,
			service(csi.PluginCapability_Service_VOLUME_ACCESSIBILITY_CONSTRAINTS))
	}
	return answer, nil
}

func service(kind csi.PluginCapability_Service_Type) *csi.PluginCapability {
	return &csi.PluginCapability{Type: &csi.PluginCapability_Service_{Service: &csi.PluginCapability_Service{Type: kind}}}
}

// Probe says whether the storage is there: without it this plugin can do nothing.
func (i *identity) Probe(context.Context, *csi.ProbeRequest) (*csi.ProbeResponse, error) {
	if err := i.keeper.ready(); err != nil {
		return nil, status.Error(codes.FailedPrecondition, err.Error())
	}
	return &csi.ProbeResponse{Ready: wrapperspb.Bool(true)}, nil
}
