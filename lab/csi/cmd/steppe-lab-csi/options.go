package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// role is the part of CSI that a process serves.
type role string

const (
	roleController role = "controller"
	roleNode       role = "node"
	roleMonolith   role = "monolith"
)

func (r role) controls() bool { return r != roleNode }

func (r role) mounts() bool { return r != roleController }

// options are what one process is told.
type options struct {
	// socket is the path of the Unix socket.
	socket string
	nodeID string
	role   role
	// backend is "directory" or "nfs".
	backend   string
	directory string
	// topology is where this process is, and where its volumes can be used. Empty: everywhere.
	topology map[string]string
}

const usage = `steppe-lab-csi is a CSI plugin for the lab: a fixture to test with, not a driver to keep data with.
Volumes are directories. Capacity is written down and not enforced; there are no block volumes and no snapshots.

`

var nodeIDShape = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$`)

// parseOptions reads the command line. Its error names everything that is wrong.
func parseOptions(args []string, out io.Writer) (options, error) {
	flags := flag.NewFlagSet("steppe-lab-csi", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.Usage = func() {
		fmt.Fprint(out, usage)
		flags.PrintDefaults()
	}
	endpoint := flags.String("endpoint", os.Getenv("CSI_ENDPOINT"), "Unix socket to serve on, as `unix:///path`")
	nodeID := flags.String("node-id", "", "`name` of this node, the same at every start")
	asked := flags.String("role", string(roleMonolith), "controller, node or monolith")
	backend := flags.String("backend", "directory", "directory (shared by all hosts) or nfs (server and share are parameters of a volume)")
	directory := flags.String("directory", "", "shared `path` that holds volumes and their records; with --backend directory")
	topology := map[string]string{}
	flags.Func("topology", "`key=value` of where this node is; may be repeated", func(text string) error {
		key, value, found := strings.Cut(text, "=")
		if !found || key == "" || value == "" {
			return errors.New("must be key=value")
		}
		topology[key] = value
		return nil
	})
	if err := flags.Parse(args); err != nil {
		return options{}, err
	}
	read := options{
		socket:    strings.TrimPrefix(*endpoint, "unix://"),
		nodeID:    *nodeID,
		role:      role(*asked),
		backend:   *backend,
		directory: *directory,
		topology:  topology,
	}
	return read, errors.Join(append(read.problems(), strayArguments(flags)...)...)
}

func strayArguments(flags *flag.FlagSet) []error {
	if flags.NArg() == 0 {
		return nil
	}
	return []error{fmt.Errorf("arguments without a flag are not known: %s", strings.Join(flags.Args(), " "))}
}

func (o options) problems() []error {
	var found []error
	refuse := func(flag, rule, got string) {
		found = append(found, fmt.Errorf("--%s: %s, got %q", flag, rule, got))
	}
	if !filepath.IsAbs(o.socket) {
		refuse("endpoint", "must be unix:// and an absolute path", o.socket)
	}
	if !slices.Contains([]role{roleController, roleNode, roleMonolith}, o.role) {
		refuse("role", "must be controller, node or monolith", string(o.role))
	}
	if o.role.mounts() && !nodeIDShape.MatchString(o.nodeID) {
		refuse("node-id", "must be 1 to 128 letters, digits, dots, hyphens and underscores", o.nodeID)
	}
	switch o.backend {
	case "directory":
		if !filepath.IsAbs(o.directory) {
			refuse("directory", "must be an absolute path", o.directory)
		}
	case "nfs":
		if o.directory != "" {
			refuse("directory", "is not for --backend nfs, whose records lie on the export", o.directory)
		}
	default:
		refuse("backend", "must be directory or nfs", o.backend)
	}
	return found
}

// topologyText writes segments in a fixed order.
func topologyText(segments map[string]string) string {
	var parts []string
	for _, key := range slices.Sorted(maps.Keys(segments)) {
		parts = append(parts, key+"="+segments[key])
	}
	return strings.Join(parts, ",")
}
