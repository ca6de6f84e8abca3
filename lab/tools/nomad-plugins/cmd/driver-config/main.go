// Command driver-config answers what a Nomad client would make of a task's driver configuration, without running
// anything. It asks the driver itself for its schema and decodes as the client's task runner does.
//
// It reads questions, one JSON document a line, and answers each with one line:
//
//	{"driver":"docker","config":{"image":"redis:7"}}
//	{"ok":true,"decoded":{"image":"redis:7",...}}
//
// With --schema it prints the options of every driver instead.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	schema := flag.Bool("schema", false, "print the options of every driver as JSON")
	flag.Parse()
	if err := run(*schema, os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "driver-config:", err)
		os.Exit(1)
	}
}

func run(schema bool, in io.Reader, out io.Writer) error {
	drivers, err := loadDrivers()
	if err != nil {
		return err
	}
	if schema {
		return printSchemas(drivers, out)
	}
	return answerAll(drivers, in, out)
}

// answerAll keeps the order of the questions and writes each answer at once, for a caller that waits for it.
func answerAll(drivers map[string]*driver, in io.Reader, out io.Writer) error {
	reader := bufio.NewReader(in)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for {
		line, err := reader.ReadBytes('\n')
		if len(line) > 1 {
			if err := encoder.Encode(answerLine(drivers, line)); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
