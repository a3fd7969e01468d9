// Everything that an app needs to run models, under one import; no server, no downloads, no database.
@_exported public import SwiftletEngine
@_exported public import SwiftletGrammars
@_exported public import SwiftletGround
@_exported public import SwiftletModelFiles
@_exported public import SwiftletModels
@_exported public import SwiftletTemplates
@_exported public import SwiftletTensors
@_exported public import SwiftletTokenizers
