// A small product in Go that runs only while its lease holds.
//
//	hello-go [--no-wizard] [--store file:PATH] [COMMAND [TEXT]]
//
// The commands show what a product with dialogs of its own does: request, activate, refresh,
// deactivate, checkout, threads. Exit status: 0 it runs, 2 usage error, 3 a command failed, 4 not
// licensed, 5 the licence can't be read.
package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"

	"latchkey"
)

func main() { os.Exit(run(os.Args[1:])) }

func run(words []string) int {
	file, mayOpenWizard := "", true
	for len(words) > 0 && strings.HasPrefix(words[0], "--") {
		switch {
		case words[0] == "--no-wizard":
			mayOpenWizard = false
		case words[0] == "--store" && len(words) > 1 && strings.HasPrefix(words[1], "file:"):
			file = strings.TrimPrefix(words[1], "file:")
			words = words[1:]
		default:
			return 2
		}
		words = words[1:]
	}
	licence, err := open(file)
	if err != nil {
		return refused(err, 5)
	}
	defer licence.Close()
	if len(words) == 0 {
		return hello(licence, mayOpenWizard)
	}
	text := ""
	if len(words) > 1 {
		text = words[1]
	}
	return command(licence, words[0], text)
}

func open(file string) (*latchkey.Licence, error) {
	if file == "" {
		return latchkey.Open(Product)
	}
	return latchkey.OpenFile(Product, file)
}

func refused(err error, status int) int {
	var known *latchkey.Error
	if errors.As(err, &known) {
		fmt.Fprintf(os.Stderr, "%s\n→ %s\n%s %d\n", known.Message, known.Action, known.Code, known.Number)
	}
	return status
}

func hello(licence *latchkey.Licence, mayOpenWizard bool) int {
	verdict, err := licence.Check()
	if err != nil {
		return refused(err, 5)
	}
	if verdict.Kind != latchkey.Active {
		fmt.Fprintf(os.Stderr, "%s\n→ %s\n", verdict.Message, verdict.Action)
		fmt.Fprintf(os.Stderr, "%s %d\n", verdict.Code, verdict.Number)
	}
	if !verdict.MayRun {
		if mayOpenWizard {
			if err := latchkey.OpenWizard(verdict.Reason); err != nil {
				refused(err, 0)
			}
		}
		if verdict.Kind == latchkey.StoreUnavailable || verdict.Kind == latchkey.Tampered {
			return 5
		}
		return 4
	}
	fmt.Printf("Hello! %d days left, seat %s.\n", verdict.DaysLeft, verdict.Seat)
	if verdict.HasFeature(FeatureExport) {
		fmt.Println("export: yes")
	}
	fmt.Printf("render: %d\n", verdict.Limit(FeatureRender))
	fmt.Printf("plan: %s\n", verdict.Attributes["plan"])
	return 0
}

func command(licence *latchkey.Licence, name, text string) int {
	var err error
	var token string
	switch name {
	case "request":
		if doubt := licence.CompareActivationCode(text); doubt != nil {
			// A real product asks whether to use it anyway: the vendor may have chosen such a code.
			refused(doubt, 0)
		}
		token, err = licence.GenerateOfflineActivationRequestToken(text, "Made in Go")
	case "activate":
		err = licence.ActivateOffline(text)
	case "refresh":
		err = licence.RefreshLeaseOffline(text)
	case "deactivate":
		token, err = deactivate(licence)
	case "checkout":
		err = licence.CheckoutFeature(FeatureRender, 1)
	case "threads":
		manyThreads(licence)
	default:
		return 2
	}
	if err != nil {
		return refused(err, 3)
	}
	if token != "" {
		fmt.Println(token)
	}
	return 0
}

func deactivate(licence *latchkey.Licence) (string, error) {
	token, err := licence.DeactivateOffline()
	if err != nil {
		return "", err
	}
	// A real product shows the token until the user confirms that the portal has it.
	waiting, err := licence.UndeliveredDeactivations()
	for _, one := range waiting {
		if err == nil {
			err = licence.ConfirmDelivered(one)
		}
	}
	return token, err
}

func manyThreads(licence *latchkey.Licence) {
	var all sync.WaitGroup
	for worker := 0; worker < 4; worker++ {
		all.Add(1)
		go func() {
			defer all.Done()
			for round := 0; round < 20; round++ {
				licence.Check()
				licence.LastVerdict()
			}
		}()
	}
	all.Wait()
}
