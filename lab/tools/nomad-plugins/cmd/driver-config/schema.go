package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hcldec"
	"github.com/hashicorp/nomad/helper/pluginutils/hclspecutils"
	"github.com/hashicorp/nomad/plugins/shared/hclspec"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

// option is one attribute or block that a task's configuration can hold.
type option struct {
	Name string `json:"name"`
	// Kind is attribute, block (one at most), block_list, block_set, block_map, or block_attrs (a block of free names).
	Kind string `json:"kind"`
	// Type is the type of an attribute, or of every value in block_attrs: "list(string)".
	Type     string          `json:"type,omitempty"`
	Required bool            `json:"required"`
	Default  json.RawMessage `json:"default,omitempty"`
	// MinItems and MaxItems bound a list of blocks; zero means no bound.
	MinItems uint64   `json:"minItems,omitempty"`
	MaxItems uint64   `json:"maxItems,omitempty"`
	Labels   []string `json:"labels,omitempty"`
	Options  []option `json:"options,omitempty"`
	// Field is what the driver calls it where that is another name.
	Field string `json:"field,omitempty"`
}

func printSchemas(drivers map[string]*driver, out io.Writer) error {
	schemas := make(map[string][]option, len(drivers))
	for name, driver := range drivers {
		options, err := optionsOf(driver.schema)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		schemas[name] = options
	}
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(schemas)
}

// optionsOf lists what the body of a block can hold, by name.
func optionsOf(spec *hclspec.Spec) ([]option, error) {
	object := spec.GetObject()
	if object == nil {
		return nil, fmt.Errorf("%T where the body of a block is expected", spec.GetBlock())
	}
	fields := object.GetAttributes()
	options := make([]option, 0, len(fields))
	for _, field := range slices.Sorted(maps.Keys(fields)) {
		option, err := optionOf(fields[field], field)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", field, err)
		}
		if option.Name != field {
			option.Field = field
		}
		options = append(options, option)
	}
	return options, nil
}

// optionOf describes one option. A block may leave its name out: then it is that of the field.
func optionOf(spec *hclspec.Spec, field string) (option, error) {
	var found option
	var nested *hclspec.Spec
	switch block := spec.GetBlock().(type) {
	case *hclspec.Spec_Attr:
		found = option{Name: block.Attr.Name, Kind: "attribute", Type: block.Attr.Type, Required: block.Attr.Required}
	case *hclspec.Spec_BlockAttrs:
		attrs := block.BlockAttrs
		found = option{Name: attrs.Name, Kind: "block_attrs", Type: attrs.Type, Required: attrs.Required}
	case *hclspec.Spec_BlockValue:
		found = option{Name: block.BlockValue.Name, Kind: "block", Required: block.BlockValue.Required}
		nested = block.BlockValue.Nested
	case *hclspec.Spec_BlockList:
		list := block.BlockList
		found = option{Name: list.Name, Kind: "block_list", MinItems: list.MinItems, MaxItems: list.MaxItems}
		nested = list.Nested
	case *hclspec.Spec_BlockSet:
		set := block.BlockSet
		found = option{Name: set.Name, Kind: "block_set", MinItems: set.MinItems, MaxItems: set.MaxItems}
		nested = set.Nested
	case *hclspec.Spec_BlockMap:
		found = option{Name: block.BlockMap.Name, Kind: "block_map", Labels: block.BlockMap.Labels}
		nested = block.BlockMap.Nested
	case *hclspec.Spec_Default:
		return withDefault(block.Default, field)
	default:
		return option{}, fmt.Errorf("%T is no option", block)
	}
	if found.Name == "" {
		found.Name = field
	}
	if nested != nil {
		options, err := optionsOf(nested)
		if err != nil {
			return option{}, err
		}
		found.Options = options
	}
	return found, nil
}

func withDefault(spec *hclspec.Default, field string) (option, error) {
	found, err := optionOf(spec.GetPrimary(), field)
	if err != nil {
		return option{}, err
	}
	converted, diagnostics := hclspecutils.Convert(spec.GetDefault())
	if diagnostics.HasErrors() {
		return option{}, diagnostics
	}
	// The default of a default may be another attribute: then there is no value to show.
	literal, ok := converted.(*hcldec.LiteralSpec)
	if !ok {
		return found, nil
	}
	value, diagnostics := hcldec.Decode(hcl.EmptyBody(), literal, nil)
	if diagnostics.HasErrors() {
		return option{}, diagnostics
	}
	found.Default, err = ctyjson.Marshal(value, value.Type())
	return found, err
}
