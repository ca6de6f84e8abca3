package main

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strings"
)

// volume names one volume. Its id holds all that is needed to find it, so that no process has to remember anything.
type volume struct {
	// place is "" in a shared directory, and server:/share on NFS.
	place string
	// name is the name of its directory and of its record.
	name string
}

// maxIDBytes is what CSI allows an id to have.
const maxIDBytes = 128

var (
	volumeNameShape = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)
	unfitForName    = regexp.MustCompile(`[^a-z0-9]+`)
)

func (v volume) id() string {
	if v.place == "" {
		return v.name
	}
	return v.place + "#" + v.name
}

// parseVolumeID reads an id. It says false for what this plugin can never have given out.
func parseVolumeID(id string) (volume, bool) {
	place, name, found := cutLast(id, "#")
	if !found {
		place, name = "", id
	}
	if len(id) > maxIDBytes || !volumeNameShape.MatchString(name) || (found && place == "") {
		return volume{}, false
	}
	return volume{place: place, name: name}, true
}

func cutLast(text, separator string) (before, after string, found bool) {
	at := strings.LastIndex(text, separator)
	if at < 0 {
		return text, "", false
	}
	return text[:at], text[at+len(separator):], true
}

// volumeName makes the name of a directory from the name that a volume was asked for under: readable, and of its own
// for every name.
func volumeName(asked string) string {
	readable := strings.Trim(unfitForName.ReplaceAllString(strings.ToLower(asked), "-"), "-")
	if len(readable) > 40 {
		readable = strings.TrimRight(readable[:40], "-")
	}
	digest := sha256.Sum256([]byte(asked))
	return strings.TrimLeft(readable+"-"+hex.EncodeToString(digest[:4]), "-")
}
