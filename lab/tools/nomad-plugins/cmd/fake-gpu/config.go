package main

import (
	"crypto/sha256"
	"fmt"
	"strings"

	"github.com/hashicorp/nomad/plugins/device"
	"github.com/hashicorp/nomad/plugins/shared/hclspec"
	"github.com/hashicorp/nomad/plugins/shared/structs"
)

var configSpec = hclspec.NewObject(map[string]*hclspec.Spec{
	"vendor": hclspec.NewDefault(hclspec.NewAttr("vendor", "string", false), hclspec.NewLiteral(`"nvidia"`)),
	"type":   hclspec.NewDefault(hclspec.NewAttr("type", "string", false), hclspec.NewLiteral(`"gpu"`)),
	"group": hclspec.NewBlockList("group", hclspec.NewObject(map[string]*hclspec.Spec{
		"name":  hclspec.NewAttr("name", "string", true),
		"count": hclspec.NewDefault(hclspec.NewAttr("count", "number", false), hclspec.NewLiteral("1")),
		// A block rather than a map: the agent's reader gives blocks and maps alike, as a list of objects.
		"attributes": hclspec.NewBlockAttrs("attributes", "string", false),
	})),
})

type config struct {
	Vendor string        `codec:"vendor"`
	Type   string        `codec:"type"`
	Groups []groupConfig `codec:"group"`
}

// groupConfig is one model of device.
type groupConfig struct {
	Name       string            `codec:"name"`
	Count      int               `codec:"count"`
	Attributes map[string]string `codec:"attributes"`
}

// textAttributes are always text with the NVIDIA plugin, even where they look like a number ("550.54").
var textAttributes = map[string]bool{"driver_version": true, "display_state": true, "persistence_mode": true}

// attribute reads "81559 MiB" as a number with a unit, "9" as a number, "true" as a boolean, anything else as text.
func attribute(name, value string) *structs.Attribute {
	if textAttributes[name] {
		return structs.NewStringAttribute(value)
	}
	return structs.ParseAttribute(value)
}

// deviceGroups turns the configuration into what is reported.
func (c *config) deviceGroups() ([]*device.DeviceGroup, error) {
	groups := make([]*device.DeviceGroup, 0, len(c.Groups))
	names := make(map[string]bool, len(c.Groups))
	for _, group := range c.Groups {
		if names[group.Name] {
			return nil, fmt.Errorf("group %q is there twice: give one group a count", group.Name)
		}
		names[group.Name] = true
		reported := &device.DeviceGroup{
			Vendor:     c.Vendor,
			Type:       c.Type,
			Name:       group.Name,
			Attributes: make(map[string]*structs.Attribute, len(group.Attributes)),
		}
		for name, value := range group.Attributes {
			reported.Attributes[name] = attribute(name, value)
		}
		for index := range group.Count {
			id := deviceID(c.Vendor, c.Type, group.Name, index)
			reported.Devices = append(reported.Devices, &device.Device{ID: id, Healthy: true})
		}
		if err := reported.Validate(); err != nil {
			return nil, fmt.Errorf("group %q: %w", group.Name, err)
		}
		groups = append(groups, reported)
	}
	return groups, nil
}

// deviceID looks like NVIDIA's and follows from the configuration, so that it outlives a restart of the agent.
func deviceID(vendor, kind, name string, index int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s/%s/%s/%d", vendor, kind, name, index))
	return fmt.Sprintf("%s-%x-%x-%x-%x-%x", strings.ToUpper(kind), sum[0:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}
