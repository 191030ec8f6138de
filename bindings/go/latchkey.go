// Package latchkey tells a product whether it may run.
//
// What lives here: a wrapper of the C library, which implements all rules about licences. Set
// CGO_CFLAGS and CGO_LDFLAGS to the folders of latchkey.h and of the library to build it.
package latchkey

/*
#cgo LDFLAGS: -llatchkey
#include <stdlib.h>
#include <latchkey.h>
*/
import "C"

import (
	"fmt"
	"runtime"
	"time"
	"unsafe"
)

// Scope is whose licence it is.
type Scope uint32

// Store is where the licence may be stored.
type Store uint32

const (
	// ScopeUser means that each user of the computer has a licence of their own.
	ScopeUser Scope = C.LATCHKEY_SCOPE_USER
	// ScopeMachine means that all users of the computer share one licence.
	ScopeMachine Scope = C.LATCHKEY_SCOPE_MACHINE

	// StoreKeyring is the keyring. A user without a keyring may choose a file.
	StoreKeyring Store = C.LATCHKEY_STORE_KEYRING
	// StoreFile is a file.
	StoreFile Store = C.LATCHKEY_STORE_FILE
	// StoreKeyringOnly is the keyring and nowhere else.
	StoreKeyringOnly Store = C.LATCHKEY_STORE_KEYRING_ONLY
)

// Product is a product definition: facts that are compiled in and never read from a file.
// latchkey_product.go in the vendor's kit contains one.
type Product struct {
	VendorID [8]byte
	Number   uint32
	// VendorKeys are the vendor's public keys, the active one first.
	VendorKeys [][64]byte
	VendorName string
	Name       string
	Scope      Scope
	Store      Store
}

// Kind is which verdict it is.
type Kind uint32

// The verdicts.
const (
	Active           Kind = C.LATCHKEY_ACTIVE
	InGrace          Kind = C.LATCHKEY_IN_GRACE
	Expired          Kind = C.LATCHKEY_EXPIRED
	NotActivated     Kind = C.LATCHKEY_NOT_ACTIVATED
	ClockSuspect     Kind = C.LATCHKEY_CLOCK_SUSPECT
	HardwareChanged  Kind = C.LATCHKEY_HARDWARE_CHANGED
	StoreUnavailable Kind = C.LATCHKEY_STORE_UNAVAILABLE
	Tampered         Kind = C.LATCHKEY_TAMPERED
)

// Reason is why the wizard is opened. It decides the screen that the wizard starts with.
type Reason uint32

// The reasons.
const (
	Asked      Reason = C.LATCHKEY_REASON_ASKED
	Activate   Reason = C.LATCHKEY_REASON_ACTIVATE
	Refresh    Reason = C.LATCHKEY_REASON_REFRESH
	Deactivate Reason = C.LATCHKEY_REASON_DEACTIVATE
)

// Error is why a call failed. Decide by the code or the number (docs/errors.md), never by the
// message.
type Error struct {
	Number uint32
	Code   string
	// Message is what happened, as a sentence for the end user.
	Message string
	// Action is what the end user can do next.
	Action string
}

func (e *Error) Error() string { return fmt.Sprintf("%s (%s)", e.Message, e.Code) }

// failed converts and frees the error of a call, if there is one.
func failed(number C.latchkey_result, handle *C.latchkey_error) error {
	if number == C.LATCHKEY_OK {
		return nil
	}
	defer C.latchkey_error_free(handle)
	return &Error{
		Number:  uint32(number),
		Code:    C.GoString(C.latchkey_error_name(handle)),
		Message: C.GoString(C.latchkey_error_message(handle)),
		Action:  C.GoString(C.latchkey_error_action(handle)),
	}
}

// Verdict is the result of a check.
type Verdict struct {
	Kind   Kind
	MayRun bool
	// Number and Code identify the message (docs/errors.md).
	Number uint32
	Code   string
	// Message is the licence's status, and Action what the end user can do next.
	Message, Action string
	// Reason is the reason to pass to OpenWizard after this verdict.
	Reason Reason
	// Seat and SeatName are empty without a licence, and the times are zero.
	Seat, SeatName          string
	LeaseExpiry, RunsUntil  time.Time
	DaysLeft, DaysUntilStop uint32
	SubscriptionEnd         time.Time
	// EffectiveNow is the time that the verdict is based on.
	EffectiveNow  time.Time
	Attributes    map[string]string
	ChangedTraits []string
	handle        *C.latchkey_verdict
}

// HasFeature tells whether the product may run and its licence includes a feature.
func (v *Verdict) HasFeature(feature uint32) bool {
	defer runtime.KeepAlive(v)
	return bool(C.latchkey_verdict_has_feature(v.handle, C.uint32_t(feature)))
}

// Limit returns how many elements or uses of a feature the licence includes, if the product may
// run.
func (v *Verdict) Limit(feature uint32) uint64 {
	defer runtime.KeepAlive(v)
	return uint64(C.latchkey_verdict_limit(v.handle, C.uint32_t(feature)))
}

func timeOf(seconds C.int64_t) time.Time {
	if seconds == 0 {
		return time.Time{}
	}
	return time.Unix(int64(seconds), 0).UTC()
}

// newVerdict reads a verdict and takes ownership of its handle.
func newVerdict(handle *C.latchkey_verdict) *Verdict {
	verdict := &Verdict{
		Kind:            Kind(C.latchkey_verdict_kind(handle)),
		MayRun:          bool(C.latchkey_verdict_may_run(handle)),
		Number:          uint32(C.latchkey_verdict_number(handle)),
		Code:            C.GoString(C.latchkey_verdict_name(handle)),
		Message:         C.GoString(C.latchkey_verdict_message(handle)),
		Action:          C.GoString(C.latchkey_verdict_action(handle)),
		Reason:          Reason(C.latchkey_verdict_reason(handle)),
		Seat:            C.GoString(C.latchkey_verdict_seat(handle)),
		SeatName:        C.GoString(C.latchkey_verdict_seat_name(handle)),
		LeaseExpiry:     timeOf(C.latchkey_verdict_lease_expiry(handle)),
		RunsUntil:       timeOf(C.latchkey_verdict_runs_until(handle)),
		SubscriptionEnd: timeOf(C.latchkey_verdict_subscription_end(handle)),
		EffectiveNow:    timeOf(C.latchkey_verdict_effective_now(handle)),
		DaysLeft:        uint32(C.latchkey_verdict_days_left(handle)),
		DaysUntilStop:   uint32(C.latchkey_verdict_days_until_stop(handle)),
		Attributes:      map[string]string{},
		handle:          handle,
	}
	for index := C.size_t(0); ; index++ {
		key := C.latchkey_verdict_attribute_key(handle, index)
		if key == nil {
			break
		}
		verdict.Attributes[C.GoString(key)] = C.GoString(C.latchkey_verdict_attribute(handle, key))
	}
	for index := C.size_t(0); ; index++ {
		name := C.latchkey_verdict_changed_trait(handle, index)
		if name == nil {
			break
		}
		verdict.ChangedTraits = append(verdict.ChangedTraits, C.GoString(name))
	}
	runtime.SetFinalizer(verdict, func(v *Verdict) { C.latchkey_verdict_free(v.handle) })
	return verdict
}

// Licence is a product's view of its licence. Open it once and keep it; any number of goroutines
// may use it at the same time.
type Licence struct{ handle *C.latchkey_licence }

// Open opens a product's licence. Nothing is read until the first check.
func Open(product Product) (*Licence, error) { return open(product, nil) }

// OpenFile opens a product's licence in a file of its own, which is useful in the product's tests.
func OpenFile(product Product, file string) (*Licence, error) {
	name := C.CString(file)
	defer C.free(unsafe.Pointer(name))
	return open(product, name)
}

func open(product Product, file *C.char) (*Licence, error) {
	// Memory that is passed to C must not contain pointers to Go memory.
	keys := C.malloc(C.size_t(64*len(product.VendorKeys) + 1))
	defer C.free(keys)
	for index, key := range product.VendorKeys {
		copy(unsafe.Slice((*byte)(unsafe.Add(keys, 64*index)), 64), key[:])
	}
	vendorName, name := C.CString(product.VendorName), C.CString(product.Name)
	defer C.free(unsafe.Pointer(vendorName))
	defer C.free(unsafe.Pointer(name))
	definition := (*C.latchkey_product)(C.malloc(C.sizeof_latchkey_product))
	defer C.free(unsafe.Pointer(definition))
	*definition = C.latchkey_product{
		size:             C.sizeof_latchkey_product,
		number:           C.uint32_t(product.Number),
		scope:            C.uint32_t(product.Scope),
		store:            C.uint32_t(product.Store),
		vendor_key_count: C.uint32_t(len(product.VendorKeys)),
		vendor_keys:      (*[64]C.uint8_t)(keys),
		vendor_name:      vendorName,
		name:             name,
	}
	for index, value := range product.VendorID {
		definition.vendor_id[index] = C.uint8_t(value)
	}
	licence := &Licence{}
	var handle *C.latchkey_error
	var number C.latchkey_result
	if file == nil {
		number = C.latchkey_open(definition, &licence.handle, &handle)
	} else {
		number = C.latchkey_open_file(definition, file, &licence.handle, &handle)
	}
	return licence, failed(number, handle)
}

// Close closes the licence and frees it.
func (l *Licence) Close() {
	C.latchkey_close(l.handle)
	l.handle = nil
}

// SetLanguage sets the language of the messages by a tag such as "de". By default the environment
// decides.
func (l *Licence) SetLanguage(tag string) error {
	text := C.CString(tag)
	defer C.free(unsafe.Pointer(text))
	var handle *C.latchkey_error
	return failed(C.latchkey_set_language(l.handle, text, &handle), handle)
}

// KeepInFile stores the licence in a file instead of the keyring. Call it when a user who has no
// keyring agrees to it.
func (l *Licence) KeepInFile() error {
	var handle *C.latchkey_error
	return failed(C.latchkey_keep_in_file(l.handle, &handle), handle)
}

// Check checks the licence. The vendor's signatures are verified with the keys that are compiled
// in.
func (l *Licence) Check() (*Verdict, error) {
	var verdict *C.latchkey_verdict
	var handle *C.latchkey_error
	if err := failed(C.latchkey_check(l.handle, &verdict, &handle), handle); err != nil {
		return nil, err
	}
	return newVerdict(verdict), nil
}

// LastVerdict returns the verdict of the last check and its age, without checking again.
func (l *Licence) LastVerdict() (*Verdict, time.Duration, error) {
	var verdict *C.latchkey_verdict
	var handle *C.latchkey_error
	var age C.uint64_t
	err := failed(C.latchkey_last_verdict(l.handle, &verdict, &age, &handle), handle)
	if err != nil {
		return nil, 0, err
	}
	return newVerdict(verdict), time.Duration(age), nil
}

// CheckoutFeature fails with an error that explains why an offline lease doesn't support it.
func (l *Licence) CheckoutFeature(feature uint32, count uint64) error {
	var handle *C.latchkey_error
	number := C.latchkey_checkout_feature(l.handle, C.uint32_t(feature), C.uint64_t(count), &handle)
	return failed(number, handle)
}

// ReturnFeature fails with an error that explains why an offline lease doesn't support it.
func (l *Licence) ReturnFeature(feature uint32, count uint64) error {
	var handle *C.latchkey_error
	number := C.latchkey_return_feature(l.handle, C.uint32_t(feature), C.uint64_t(count), &handle)
	return failed(number, handle)
}

// takeString copies and frees a string that the library handed out.
func takeString(text *C.char) string {
	defer C.latchkey_string_free(text)
	return C.GoString(text)
}

// CompareActivationCode returns an error that names the part of an activation code that looks
// mistyped. The code may be used all the same.
func (l *Licence) CompareActivationCode(code string) error {
	text := C.CString(code)
	defer C.free(unsafe.Pointer(text))
	var handle *C.latchkey_error
	return failed(C.latchkey_compare_activation_code(l.handle, text, &handle), handle)
}

// GenerateOfflineActivationRequestToken makes a request token, which the user takes to the licence
// portal.
func (l *Licence) GenerateOfflineActivationRequestToken(code, seatName string) (string, error) {
	codeText, nameText := C.CString(code), C.CString(seatName)
	defer C.free(unsafe.Pointer(codeText))
	defer C.free(unsafe.Pointer(nameText))
	var token *C.char
	var handle *C.latchkey_error
	number := C.latchkey_generate_offline_activation_request_token(
		l.handle, codeText, nameText, &token, &handle)
	return takeString(token), failed(number, handle)
}

// PendingRequestToken returns the newest request token that still waits for its response, or an
// empty string.
func (l *Licence) PendingRequestToken() (string, error) {
	var token *C.char
	var handle *C.latchkey_error
	number := C.latchkey_pending_request_token(l.handle, &token, &handle)
	return takeString(token), failed(number, handle)
}

// ActivateOffline applies the response token in a text and ignores other text around it.
func (l *Licence) ActivateOffline(response string) error {
	text := C.CString(response)
	defer C.free(unsafe.Pointer(text))
	var handle *C.latchkey_error
	return failed(C.latchkey_activate_offline(l.handle, text, &handle), handle)
}

// RefreshLeaseOffline applies the refresh token in a text, which extends the lease.
func (l *Licence) RefreshLeaseOffline(refresh string) error {
	text := C.CString(refresh)
	defer C.free(unsafe.Pointer(text))
	var handle *C.latchkey_error
	return failed(C.latchkey_refresh_lease_offline(l.handle, text, &handle), handle)
}

// DeactivateOffline releases the seat and removes the licence at once. Show the token until the
// user confirms its delivery.
func (l *Licence) DeactivateOffline() (string, error) {
	var token *C.char
	var handle *C.latchkey_error
	number := C.latchkey_deactivate_offline(l.handle, &token, &handle)
	return takeString(token), failed(number, handle)
}

// Deactivation is a deactivation that hasn't been confirmed as delivered.
type Deactivation struct{ ID, Token string }

// UndeliveredDeactivations returns the deactivations that haven't been confirmed as delivered,
// oldest first.
func (l *Licence) UndeliveredDeactivations() ([]Deactivation, error) {
	var found []Deactivation
	for {
		var id, token *C.char
		var handle *C.latchkey_error
		number := C.latchkey_undelivered_deactivation(
			l.handle, C.size_t(len(found)), &id, &token, &handle)
		if err := failed(number, handle); err != nil || id == nil {
			return found, err
		}
		found = append(found, Deactivation{ID: takeString(id), Token: takeString(token)})
	}
}

// ConfirmDelivered records that the licence portal has received a deactivation.
func (l *Licence) ConfirmDelivered(deactivation Deactivation) error {
	text := C.CString(deactivation.ID)
	defer C.free(unsafe.Pointer(text))
	var handle *C.latchkey_error
	return failed(C.latchkey_confirm_delivered(l.handle, text, &handle), handle)
}

// OpenWizard starts the wizard from this program's folder, and returns without waiting for it.
func OpenWizard(reason Reason) error {
	var handle *C.latchkey_error
	return failed(C.latchkey_open_wizard(nil, C.uint32_t(reason), &handle), handle)
}

// OpenWizardIn starts the wizard at a path, and returns without waiting for it. The path is that of
// the wizard's program, which has a name of its own in a vendor's package, or of the folder with
// latchkey-wizard in it. The search path isn't used.
func OpenWizardIn(path string, reason Reason) error {
	text := C.CString(path)
	defer C.free(unsafe.Pointer(text))
	var handle *C.latchkey_error
	return failed(C.latchkey_open_wizard(text, C.uint32_t(reason), &handle), handle)
}
