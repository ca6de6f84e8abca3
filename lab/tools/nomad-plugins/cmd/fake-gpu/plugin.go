package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/nomad/plugins/base"
	"github.com/hashicorp/nomad/plugins/device"
	"github.com/hashicorp/nomad/plugins/shared/hclspec"
	"github.com/hashicorp/nomad/plugins/shared/structs"
)

// fakeGPU reports the devices of its configuration. Nomad configures it once, before any other call.
type fakeGPU struct {
	vendor string
	groups []*device.DeviceGroup
}

var _ device.DevicePlugin = (*fakeGPU)(nil)

// PluginInfo names the plugin.
func (*fakeGPU) PluginInfo() (*base.PluginInfoResponse, error) {
	return &base.PluginInfoResponse{
		Type:              base.PluginTypeDevice,
		PluginApiVersions: []string{device.ApiVersion010},
		PluginVersion:     "0.1.0",
		Name:              "fake-gpu",
	}, nil
}

// ConfigSchema says what the plugin's config block can hold.
func (*fakeGPU) ConfigSchema() (*hclspec.Spec, error) { return configSpec, nil }

// SetConfig takes the plugin's config block.
func (f *fakeGPU) SetConfig(given *base.Config) error {
	var read config
	if len(given.PluginConfig) > 0 {
		if err := base.MsgPackDecode(given.PluginConfig, &read); err != nil {
			return err
		}
	}
	groups, err := read.deviceGroups()
	if err != nil {
		return err
	}
	f.vendor, f.groups = read.Vendor, groups
	return nil
}

// Fingerprint reports every group once; the devices never change.
func (f *fakeGPU) Fingerprint(ctx context.Context) (<-chan *device.FingerprintResponse, error) {
	found := make(chan *device.FingerprintResponse, 1)
	found <- device.NewFingerprint(f.groups...)
	go func() {
		defer close(found)
		<-ctx.Done()
	}()
	return found, nil
}

// Reserve tells the task its devices, as a container runtime for them expects it.
func (f *fakeGPU) Reserve(ids []string) (*device.ContainerReservation, error) {
	for _, id := range ids {
		if !f.has(id) {
			return nil, fmt.Errorf("unknown device %q", id)
		}
	}
	name := strings.ToUpper(f.vendor) + "_VISIBLE_DEVICES"
	return &device.ContainerReservation{Envs: map[string]string{name: strings.Join(ids, ",")}}, nil
}

func (f *fakeGPU) has(id string) bool {
	return slices.ContainsFunc(f.groups, func(group *device.DeviceGroup) bool {
		return slices.ContainsFunc(group.Devices, func(known *device.Device) bool { return known.ID == id })
	})
}

// Stats says, as often as it is asked to, that every device idles.
func (f *fakeGPU) Stats(ctx context.Context, interval time.Duration) (<-chan *device.StatsResponse, error) {
	stats := make(chan *device.StatsResponse)
	go func() {
		defer close(stats)
		ticker := time.NewTicker(interval)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case now := <-ticker.C:
				select {
				case stats <- f.idle(now):
				case <-ctx.Done():
					return
				}
			}
		}
	}()
	return stats, nil
}

func (f *fakeGPU) idle(now time.Time) *device.StatsResponse {
	var response device.StatsResponse
	for _, group := range f.groups {
		instances := make(map[string]*device.DeviceStats, len(group.Devices))
		for _, known := range group.Devices {
			instances[known.ID] = &device.DeviceStats{
				Summary:   &structs.StatValue{IntNumeratorVal: new(int64), Unit: "%", Desc: "utilization"},
				Stats:     &structs.StatObject{},
				Timestamp: now,
			}
		}
		response.Groups = append(response.Groups, &device.DeviceGroupStats{
			Vendor: group.Vendor, Type: group.Type, Name: group.Name, InstanceStats: instances,
		})
	}
	return &response
}
