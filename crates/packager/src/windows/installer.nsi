; The installer for Windows, for makensis 3.
;
; Everything that differs between products is in product.nsh, which is generated beside this file:
; the definitions ID, NAME, FOLDER, VERSION, SIZE and OUT, those that are only there if
; they apply, and the macros Texts, Version, Files and Names. Texts of the vendor are in messages
; of the form $(NAME), never in definitions, because a definition would be parsed again.

Unicode true
Target amd64-unicode
SetCompressor /SOLID lzma
; The same sources make the same bytes.
SetDateSave off
ManifestDPIAware true
ManifestSupportedOS Win10
AllowSkipFiles off
ShowInstDetails nevershow
ShowUninstDetails nevershow
BrandingText " "

!include "MUI2.nsh"
!include "LogicLib.nsh"
!include "WinVer.nsh"
!include "product.nsh"

OutFile "${OUT}"
; The program that removes the product can be signed only outside of this script.
!ifdef UNSIGNED
  !uninstfinalize '${UNSIGNED}'
!endif

; A licence of the computer is installed for everybody, and one of a user for that user.
!ifdef OF_MACHINE
  !define ROOT HKLM
  RequestExecutionLevel admin
  InstallDir "$PROGRAMFILES64\${FOLDER}"
!else
  !define ROOT HKCU
  RequestExecutionLevel user
  InstallDir "$LOCALAPPDATA\Programs\${FOLDER}"
!endif
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\${ID}"
!define CLASSES "Software\Classes"
!define PROGRAM "${NAME}.exe"
!define COMMAND_LINE "${NAME}-cli.exe"
!define LIST "installed-files.txt"
!define WEBVIEW2 "Microsoft\EdgeUpdate\Clients\{F3017226-FE2A-4295-8BDF-00C3A9A7E4C5}"
; An upgrade goes where the product is.
InstallDirRegKey ${ROOT} "${UNINSTALL}" "InstallLocation"

; What is chosen without a person is also the first answer for one.
!ifdef DEACTIVATES
  !define FIRST_ANSWER "MB_DEFBUTTON1"
!else
  !define FIRST_ANSWER "MB_DEFBUTTON2"
!endif

; The exit statuses besides those of NSIS: 0 done, 1 cancelled by the user, 2 failed.
!define IS_OPEN 3
!define UNFIT 4
!define INCOMPLETE 5

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_ABORTWARNING
!insertmacro MUI_PAGE_WELCOME
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "German"

!insertmacro Texts
!insertmacro Version

LangString IS_OPEN ${LANG_ENGLISH} "$(MENU) is open, or its files can't be changed. Close it and try again."
LangString IS_OPEN ${LANG_GERMAN} "„$(MENU)“ ist noch geöffnet, oder die Dateien lassen sich nicht ändern. Schließen Sie das Programm, und versuchen Sie es noch einmal."
LangString TOO_OLD ${LANG_ENGLISH} "$(MENU) needs Windows 10 or later."
LangString TOO_OLD ${LANG_GERMAN} "„$(MENU)“ setzt Windows 10 oder neuer voraus."
LangString FOREIGN ${LANG_ENGLISH} "Another product is installed in $INSTDIR. Nothing was changed. Start the installation again with another folder: /D=FOLDER"
LangString FOREIGN ${LANG_GERMAN} "In $INSTDIR ist ein anderes Produkt installiert. Es wurde nichts geändert. Starten Sie die Installation noch einmal mit einem anderen Ordner: /D=ORDNER"
LangString NO_WEBVIEW2 ${LANG_ENGLISH} "$(MENU) is installed, but its window needs Microsoft's WebView2 runtime, which this computer lacks.$\r$\n$\r$\nOn a computer with an internet connection, download the “Evergreen Standalone Installer” from Microsoft's page about WebView2, bring it here, and run it. Until then, ${COMMAND_LINE} does the same in a terminal."
LangString NO_WEBVIEW2 ${LANG_GERMAN} "„$(MENU)“ ist installiert. Für das Fenster fehlt auf diesem Computer aber die Laufzeitumgebung WebView2 von Microsoft.$\r$\n$\r$\nLaden Sie auf einem Computer mit Internetverbindung den „Evergreen Standalone Installer“ von der WebView2-Seite von Microsoft herunter, und führen Sie ihn hier aus. Bis dahin können Sie stattdessen ${COMMAND_LINE} in einem Terminal verwenden."
LangString RETURN ${LANG_ENGLISH} "This computer has a licence for $(PRODUCT). Should it be returned?$\r$\n$\r$\nYes: The licence is removed from this computer, and the token that returns the seat is written to a file.$\r$\nNo: The licence stays, and is used again if you reinstall $(MENU)."
LangString RETURN ${LANG_GERMAN} "Auf diesem Computer ist eine Lizenz für „$(PRODUCT)“ gespeichert. Soll sie zurückgegeben werden?$\r$\n$\r$\nJa: Die Lizenz wird von diesem Computer entfernt. Das Token für die Rückgabe des Platzes wird in einer Datei gespeichert.$\r$\nNein: Die Lizenz bleibt erhalten und gilt wieder, wenn Sie „$(MENU)“ noch einmal installieren."
LangString RETURNED ${LANG_ENGLISH} "The licence was removed. The token that returns the seat is in this file:$\r$\n$1"
LangString RETURNED ${LANG_GERMAN} "Die Lizenz wurde entfernt. Das Token, mit dem der Platz zurückgegeben wird, steht in dieser Datei:$\r$\n$1"
LangString TOKEN_NOT_SAVED ${LANG_ENGLISH} "The licence was removed, but the token that returns the seat couldn't be written to a file. It is still stored, and nothing else was removed. Make room on the disk, run “${COMMAND_LINE} outbox” in $INSTDIR, and keep what it prints. Then remove $(MENU) again."
LangString TOKEN_NOT_SAVED ${LANG_GERMAN} "Die Lizenz wurde entfernt, aber das Token, mit dem der Platz zurückgegeben wird, ließ sich nicht in eine Datei schreiben. Es ist noch gespeichert, und sonst wurde nichts entfernt. Schaffen Sie Platz auf dem Datenträger, führen Sie in $INSTDIR „${COMMAND_LINE} outbox“ aus, und bewahren Sie die Ausgabe auf. Entfernen Sie „$(MENU)“ dann noch einmal."
LangString NOT_RETURNED ${LANG_ENGLISH} "The licence couldn't be returned, and is kept on this computer."
LangString NOT_RETURNED ${LANG_GERMAN} "Die Lizenz konnte nicht zurückgegeben werden und bleibt auf diesem Computer."

; Sets the context of this product: everybody, or this user.
!macro Context
  !ifdef OF_MACHINE
    SetShellVarContext all
  !else
    SetShellVarContext current
  !endif
!macroend

; The functions that both programs have. NSIS wants two copies of them.
!macro Shared un
  ; Ends with the status IS_OPEN as long as a program in the folder runs, before anything is done.
  Function ${un}CheckPrograms
    Push "$INSTDIR\${PROGRAM}"
    Call ${un}CheckProgram
    Push "$INSTDIR\${COMMAND_LINE}"
    Call ${un}CheckProgram
  FunctionEnd

  Function ${un}CheckProgram
    Exch $R0
    Push $R1
    ${Do}
      ${IfNot} ${FileExists} "$R0"
        ${ExitDo}
      ${EndIf}
      ClearErrors
      FileOpen $R1 "$R0" a
      ${IfNot} ${Errors}
        FileClose $R1
        ${ExitDo}
      ${EndIf}
      ${If} ${Cmd} `MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "$(IS_OPEN)" /SD IDCANCEL IDCANCEL`
        SetErrorLevel ${IS_OPEN}
        Abort
      ${EndIf}
    ${Loop}
    Pop $R1
    Pop $R0
  FunctionEnd

  ; Removes what an installation has put into the folder on the stack: the files and folders of its
  ; list, and nothing else.
  Function ${un}RemoveFiles
    Exch $R0
    Push $R1
    Push $R2
    Push $R3
    ClearErrors
    FileOpen $R1 "$R0\${LIST}" r
    ${IfNot} ${Errors}
      ${Do}
        ClearErrors
        FileRead $R1 $R2
        ${If} ${Errors}
          ${ExitDo}
        ${EndIf}
        ; Without the end of the line.
        StrCpy $R2 $R2 -2
        StrCpy $R3 $R2 1 -1
        ${If} $R3 == "\"
          StrCpy $R2 $R2 -1
          RMDir "$R0\$R2"
        ${Else}
          Delete "$R0\$R2"
        ${EndIf}
      ${Loop}
      FileClose $R1
      Delete "$R0\${LIST}"
    ${EndIf}
    Pop $R3
    Pop $R2
    Pop $R1
    Pop $R0
  FunctionEnd
!macroend
!insertmacro Shared ""
!insertmacro Shared "un."

Function .onInit
  !insertmacro Context
  ${IfNot} ${AtLeastWin10}
    MessageBox MB_OK|MB_ICONSTOP "$(TOO_OLD)" /SD IDOK
    SetErrorLevel ${UNFIT}
    Abort
  ${EndIf}
FunctionEnd

; Puts the version of the WebView2 runtime into $0, or nothing.
Function FindWebView2
  ; Windows keeps it among the 32-bit programs.
  SetRegView 32
  ReadRegStr $0 HKLM "SOFTWARE\${WEBVIEW2}" "pv"
  SetRegView 64
  ${If} $0 == ""
    ReadRegStr $0 HKCU "Software\${WEBVIEW2}" "pv"
  ${EndIf}
  ${If} $0 == "0.0.0.0"
    StrCpy $0 ""
  ${EndIf}
FunctionEnd

; In $2: whether the window can be shown in the end.
Section
  Call CheckPrograms
  ReadRegStr $0 ${ROOT} "${UNINSTALL}" "InstallLocation"
  ${If} $0 != $INSTDIR
    ${If} ${FileExists} "$INSTDIR\licence.toml"
      MessageBox MB_OK|MB_ICONSTOP "$(FOREIGN)" /SD IDOK
      SetErrorLevel ${UNFIT}
      Abort
    ${EndIf}
    ${If} $0 != ""
      Push "$0\${PROGRAM}"
      Call CheckProgram
      Push "$0\${COMMAND_LINE}"
      Call CheckProgram
      Push $0
      Call RemoveFiles
      Delete "$0\uninstall.exe"
      RMDir $0
    ${EndIf}
  ${EndIf}
  Push $INSTDIR
  Call RemoveFiles

  SetOverwrite on
  ; First, so that a removal finds everything, wherever an installation ends.
  SetOutPath "$INSTDIR"
  ClearErrors
  FileOpen $1 "$INSTDIR\${LIST}" w
  ${If} ${Errors}
    SetErrorLevel 2
    Abort
  ${EndIf}
  !insertmacro Names
  FileClose $1
  !ifdef SIGNED
    File "/oname=uninstall.exe" "${SIGNED}"
  !else
    WriteUninstaller "$INSTDIR\uninstall.exe"
  !endif
  WriteRegStr ${ROOT} "${UNINSTALL}" "DisplayName" "$(MENU)"
  WriteRegStr ${ROOT} "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr ${ROOT} "${UNINSTALL}" "DisplayIcon" "$INSTDIR\${PROGRAM}"
  WriteRegStr ${ROOT} "${UNINSTALL}" "Publisher" "$(PUBLISHER)"
  WriteRegStr ${ROOT} "${UNINSTALL}" "Comments" "$(SUMMARY)"
  !ifdef HAS_HOMEPAGE
    WriteRegStr ${ROOT} "${UNINSTALL}" "URLInfoAbout" "$(HOMEPAGE)"
  !endif
  WriteRegStr ${ROOT} "${UNINSTALL}" "InstallLocation" "$INSTDIR"
  WriteRegStr ${ROOT} "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr ${ROOT} "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD ${ROOT} "${UNINSTALL}" "EstimatedSize" ${SIZE}
  WriteRegDWORD ${ROOT} "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD ${ROOT} "${UNINSTALL}" "NoRepair" 1
  !ifndef UNSIGNED
    !insertmacro Files
  !endif

  ; Another vendor's entry in the menu may have the same name.
  SetOutPath "$INSTDIR"
  ReadRegStr $1 ${ROOT} "${UNINSTALL}" "Shortcut"
  ${If} $1 != ""
    Delete $1
  ${EndIf}
  StrCpy $1 "$SMPROGRAMS\$(SHORTCUT).lnk"
  ${If} ${FileExists} "$1"
    StrCpy $1 "$SMPROGRAMS\$(SHORTCUT) (${NAME}).lnk"
  ${EndIf}
  CreateShortCut "$1" "$INSTDIR\${PROGRAM}"
  WriteRegStr ${ROOT} "${UNINSTALL}" "Shortcut" "$1"

  !ifdef OPENS_TOKENS
    WriteRegStr ${ROOT} "${CLASSES}\${ID}.token" "" "$(MENU)"
    WriteRegStr ${ROOT} "${CLASSES}\${ID}.token" "FriendlyTypeName" "$(MENU)"
    WriteRegStr ${ROOT} "${CLASSES}\${ID}.token\DefaultIcon" "" "$INSTDIR\${PROGRAM},0"
    WriteRegStr ${ROOT} "${CLASSES}\${ID}.token\shell\open" "FriendlyAppName" "$(MENU)"
    WriteRegStr ${ROOT} "${CLASSES}\${ID}.token\shell\open\command" "" '"$INSTDIR\${PROGRAM}" "%1"'
    WriteRegStr ${ROOT} "${CLASSES}\.token\OpenWithProgids" "${ID}.token" ""
    ; The first product opens tokens, until the user chooses another one.
    ReadRegStr $0 ${ROOT} "${CLASSES}\.token" ""
    ${If} $0 == ""
      WriteRegStr ${ROOT} "${CLASSES}\.token" "" "${ID}.token"
    ${EndIf}
    System::Call 'shell32::SHChangeNotify(i 0x08000000, i 0, p 0, p 0)'
  !endif

  !ifdef FIXED_RUNTIME
    StrCpy $0 "${FIXED_RUNTIME}"
  !else
    Call FindWebView2
  !endif
  !ifdef WEBVIEW2_INSTALLER
    ${If} $0 == ""
      DetailPrint "WebView2"
      InitPluginsDir
      File "/oname=$PLUGINSDIR\webview2.exe" "${WEBVIEW2_INSTALLER}"
      ExecWait '"$PLUGINSDIR\webview2.exe" /silent /install'
      Call FindWebView2
      ${If} $0 == ""
        SetErrorLevel ${INCOMPLETE}
      ${EndIf}
    ${EndIf}
  !endif
  ${If} $0 == ""
    WriteRegStr ${ROOT} "${UNINSTALL}" "WebView2" "missing"
    MessageBox MB_OK|MB_ICONEXCLAMATION "$(NO_WEBVIEW2)" /SD IDOK
  ${Else}
    WriteRegStr ${ROOT} "${UNINSTALL}" "WebView2" "$0"
  ${EndIf}
SectionEnd

Function un.onInit
  !insertmacro Context
FunctionEnd

; Tells a command what the paths are, because they could contain signs that it takes for others.
Function un.PassPaths
  StrCpy $3 "$INSTDIR\${COMMAND_LINE}"
  System::Call 'kernel32::SetEnvironmentVariable(t "LICENCE_PROGRAM", t r3)'
  System::Call 'kernel32::SetEnvironmentVariable(t "LICENCE_TOKEN", t r1)'
FunctionEnd

; Puts the state of the licence into $2: "not_activated", "licensed", or nothing if it can't be read.
Function un.ReadState
  Call un.PassPaths
  nsExec::ExecToStack '"$SYSDIR\cmd.exe" /d /v:off /s /c ""%LICENCE_PROGRAM%" --json status"'
  Pop $0
  Pop $3
  StrCpy $2 ""
  StrCpy $4 $3 10
  ${If} $0 == 0
  ${AndIf} $4 == '{"state":"'
    StrCpy $2 "licensed"
    StrCpy $4 $3 24
    ${If} $4 == '{"state":"not_activated"'
      StrCpy $2 "not_activated"
    ${EndIf}
  ${EndIf}
FunctionEnd

; Returns the licence, and leaves the token in a new file. The folder belongs to the administrator
; if the licence is the computer's, so that nobody else can have put anything in the way.
Function un.ReturnLicence
  StrCpy $2 0
  ${Do}
    IntOp $2 $2 + 1
    StrCpy $1 "$INSTDIR\deactivation-$2.token"
  ${LoopWhile} ${FileExists} "$1"
  Call un.PassPaths
  nsExec::ExecToLog '"$SYSDIR\cmd.exe" /d /v:off /s /c ""%LICENCE_PROGRAM%" deactivate --yes > "%LICENCE_TOKEN%""'
  Pop $0
  ${If} $0 == 0
    MessageBox MB_OK|MB_ICONINFORMATION "$(RETURNED)" /SD IDOK
  ${Else}
    Delete "$1"
    ; 4: there is no licence.
    ${If} $0 != 4
      SetErrorLevel ${INCOMPLETE}
      Call un.ReadState
      ${If} $2 == "not_activated"
        ; The token couldn't be written. The command line still has it, so it stays.
        MessageBox MB_OK|MB_ICONSTOP "$(TOKEN_NOT_SAVED)" /SD IDOK
        Abort
      ${EndIf}
      MessageBox MB_OK|MB_ICONEXCLAMATION "$(NOT_RETURNED)" /SD IDOK
    ${EndIf}
  ${EndIf}
FunctionEnd

Section "Uninstall"
  Call un.CheckPrograms
  ${If} ${Silent}
    !ifdef DEACTIVATES
      Call un.ReturnLicence
    !endif
  ${Else}
    StrCpy $1 ""
    Call un.ReadState
    ${If} $2 == ""
      SetErrorLevel ${INCOMPLETE}
      MessageBox MB_OK|MB_ICONEXCLAMATION "$(NOT_RETURNED)" /SD IDOK
    ${ElseIf} $2 == "licensed"
      ${If} ${Cmd} `MessageBox MB_YESNO|MB_ICONQUESTION|${FIRST_ANSWER} "$(RETURN)" IDYES`
        Call un.ReturnLicence
      ${EndIf}
    ${EndIf}
  ${EndIf}

  Push $INSTDIR
  Call un.RemoveFiles
  Delete "$INSTDIR\uninstall.exe"
  ReadRegStr $1 ${ROOT} "${UNINSTALL}" "Shortcut"
  ${If} $1 != ""
    Delete $1
  ${EndIf}
  !ifdef OPENS_TOKENS
    DeleteRegKey ${ROOT} "${CLASSES}\${ID}.token"
    DeleteRegValue ${ROOT} "${CLASSES}\.token\OpenWithProgids" "${ID}.token"
    ReadRegStr $0 ${ROOT} "${CLASSES}\.token" ""
    ${If} $0 == "${ID}.token"
      DeleteRegValue ${ROOT} "${CLASSES}\.token" ""
    ${EndIf}
    DeleteRegKey /ifempty ${ROOT} "${CLASSES}\.token\OpenWithProgids"
    DeleteRegKey /ifempty ${ROOT} "${CLASSES}\.token"
    System::Call 'shell32::SHChangeNotify(i 0x08000000, i 0, p 0, p 0)'
  !endif
  DeleteRegKey ${ROOT} "${UNINSTALL}"
  ; It stays if there is a token in it. The program that is running may be in it as well.
  SetOutPath "$TEMP"
  RMDir "$INSTDIR"
  ${If} ${FileExists} "$INSTDIR\${PROGRAM}"
    SetErrorLevel 2
  ${EndIf}
SectionEnd
