(* A rule's table gives the same judgements as the rule's source, on every history: what a verifier checks cell by cell is enough.
   The source is any machine over truth vectors (bits of a formula, positions of a protocol); the table is the Mealy automaton of the frame. Both have
   registers, under names of their own. *)
Require Import ZArith List Bool Lia.
Import ListNotations.
Require Import Leverframe.Registers.
Open Scope Z_scope.

(* A decision graph, unfolded: a test, where it does not hold, where it holds. *)
Inductive graph (R C : Type) :=
| Class (c : C)
| Test (a : atom R) (no yes : graph R C).
Arguments Class {R C} c. Arguments Test {R C} a no yes.

Fixpoint walk {R C : Type} (g : graph R C) (truth : atom R -> bool) : C :=
  match g with Class c => c | Test a no yes => if truth a then walk yes truth else walk no truth end.

Section Agreement.
Variables (SR TR : Type) (sr_dec : forall x y : SR, {x = y} + {x <> y}) (tr_dec : forall x y : TR, {x = y} + {x <> y}).
Variables (sr_position : SR -> bool) (tr_position : TR -> bool).
Variables (S Q C V O : Type).

(* The source: what a letter's truth vector means for it at each site, and its step. `O` is what a letter does beside moving the state: whether it is
   judged, its mark, whether it takes the rule to its overflow. *)
Variables (view : nat -> (atom SR -> bool) -> V) (next : S -> V -> S) (out : S -> V -> O) (updates : S -> V -> list (SR * operation SR)) (s0 : S).
(* The table. A site that is not there leaves the rule as it is. *)
Variables (root : nat -> option (graph TR C)) (delta : Q -> C -> Q) (output : Q -> C -> O) (update_set : Q -> C -> list (TR * operation TR)) (q0 : Q).
Variables (judged : O -> bool) (silent : O).

(* The certificate: the table's register of each register of the source, and the states of the source that can be reached, each with the table's. *)
Variables (m : SR -> TR) (states : list (S * Q)).
(* The truth vectors that the verifier goes through; those that it passes over can be no letter's. (All of them: `fun _ => True`.) *)
Variable possible : (atom TR -> bool) -> Prop.
Hypothesis Possible : forall l v, possible (holds l v).

(* The local conditions. *)
Hypothesis Injective : forall r s, m r = m s -> r = s.
Hypothesis Kinds : forall r, tr_position (m r) = sr_position r.
Hypothesis Initial : In (s0, q0) states.
Definition seen (site : nat) (truth : atom TR -> bool) : V := view site (fun a => truth (rename_atom m a)).
Hypothesis View : forall site t t', (forall a, t a = t' a) -> view site t = view site t'.
Hypothesis Cell : forall site g, root site = Some g -> forall truth, possible truth -> forall s q, In (s, q) states ->
  let v := seen site truth in let c := walk g truth in
  In (next s v, delta q c) states /\ out s v = output q c /\ same_updates SR TR m (updates s v) (update_set q c).
Hypothesis NoSite : forall site, root site = None -> forall truth, possible truth -> forall s q, In (s, q) states ->
  let v := seen site truth in next s v = s /\ out s v = silent /\ updates s v = [].

(* A history: its letters, each with what becomes of it: whether it enters the history, given whether this rule judges it. So a call that the rule
   judges may be suppressed (`deny`), or not (`observe`, or `ask` and approved), and one that it does not judge may be denied by another rule. *)
Definition history := list (letter * (bool -> bool)).

Record source := { s_state : S; s_registers : SR -> Z }.
Record table := { t_state : Q; t_registers : TR -> Z }.

Definition source_view (x : source) (l : letter) : V := view (site l) (holds l (s_registers x)).
Definition source_out (x : source) (l : letter) : O := out (s_state x) (source_view x l).
Definition source_step (x : source) (l : letter) : source :=
  {| s_state := next (s_state x) (source_view x l);
     s_registers := apply SR sr_dec sr_position l (s_registers x) (updates (s_state x) (source_view x l)) |}.

Definition table_out (x : table) (l : letter) : O :=
  match root (site l) with Some g => output (t_state x) (walk g (holds l (t_registers x))) | None => silent end.
Definition table_step (x : table) (l : letter) : table :=
  match root (site l) with
  | Some g => let c := walk g (holds l (t_registers x)) in
    {| t_state := delta (t_state x) c; t_registers := apply TR tr_dec tr_position l (t_registers x) (update_set (t_state x) c) |}
  | None => x
  end.

Section Run.
Variables (X : Type) (says : X -> letter -> O) (step : X -> letter -> X).
Fixpoint run (x : X) (h : history) : list O :=
  match h with
  | [] => []
  | (l, enters) :: rest => says x l :: run (if enters (judged (says x l)) then step x l else x) rest
  end.
Fixpoint after (x : X) (h : history) : X :=
  match h with
  | [] => x
  | (l, enters) :: rest => after (if enters (judged (says x l)) then step x l else x) rest
  end.
End Run.

Definition source_start : source := {| s_state := s0; s_registers := fun _ => UNSET |}.
Definition table_start : table := {| t_state := q0; t_registers := fun _ => UNSET |}.

Definition related (x : source) (y : table) : Prop :=
  In (s_state x, t_state y) states /\ agree SR TR m (s_registers x) (t_registers y).

Lemma related_start : related source_start table_start.
Proof. split; simpl; auto. intros r. reflexivity. Qed.

Lemma view_related : forall x y l, related x y -> source_view x l = seen (site l) (holds l (t_registers y)).
Proof.
  intros x y l [_ A]. unfold source_view, seen. apply View. intros a. symmetry. now apply holds_renamed.
Qed.

Lemma out_related : forall x y l, related x y -> source_out x l = table_out y l.
Proof.
  intros x y l H. unfold source_out, table_out. rewrite (view_related x y l H). destruct H as [I _].
  destruct (root (site l)) as [g|] eqn:E.
  - exact (proj1 (proj2 (Cell _ _ E _ (Possible l (t_registers y)) _ _ I))).
  - exact (proj1 (proj2 (NoSite _ E _ (Possible l (t_registers y)) _ _ I))).
Qed.

Lemma step_related : forall x y l, related x y -> related (source_step x l) (table_step y l).
Proof.
  intros x y l H. unfold source_step, table_step. rewrite (view_related x y l H). destruct H as [I A].
  destruct (root (site l)) as [g|] eqn:E.
  - destruct (Cell _ _ E _ (Possible l (t_registers y)) _ _ I) as (N & _ & U). split; simpl; auto.
    now apply apply_same.
  - destruct (NoSite _ E _ (Possible l (t_registers y)) _ _ I) as (N & _ & U). split; simpl; rewrite ?N, ?U; auto.
Qed.

(* The table and the source say the same of every letter of every history. *)
Theorem mealy_agrees : forall h : history,
  run source source_out source_step source_start h = run table table_out table_step table_start h.
Proof.
  intros h. generalize related_start. generalize source_start as x, table_start as y.
  induction h as [|[l enters] h IH]; simpl; intros x y H; auto.
  rewrite (out_related x y l H). f_equal. apply IH.
  destruct (enters _); auto using step_related.
Qed.

(* And their registers stay the same, whatever came before. *)
Theorem registers_agree : forall h : history,
  related (after source source_out source_step source_start h) (after table table_out table_step table_start h).
Proof.
  intros h. generalize related_start. generalize source_start as x, table_start as y.
  induction h as [|[l enters] h IH]; simpl; intros x y H; auto.
  apply IH. rewrite (out_related x y l H). destruct (enters _); auto using step_related.
Qed.

(* The suppression of a rule that denies: a judged call does not enter; everything else does. *)
Definition denying (is_call : nat -> bool) (ls : list letter) : history :=
  map (fun l => (l, fun j => negb (is_call (site l) && j))) ls.

Theorem mealy_agrees_denying : forall is_call ls,
  run source source_out source_step source_start (denying is_call ls) = run table table_out table_step table_start (denying is_call ls).
Proof. intros; apply mealy_agrees. Qed.
End Agreement.

(* Class by class: it is enough to know that the vectors which lead to one class do the same in every state of the certificate, and to compare one of them
   (the class's example) with the table. *)
Section Classes.
Variables (SR TR S Q C V O : Type) (view : nat -> (atom SR -> bool) -> V).
Variables (next : S -> V -> S) (out : S -> V -> O) (updates : S -> V -> list (SR * operation SR)).
Variables (root : nat -> option (graph TR C)) (delta : Q -> C -> Q) (output : Q -> C -> O) (update_set : Q -> C -> list (TR * operation TR)).
Variables (m : SR -> TR) (states : list (S * Q)) (possible : (atom TR -> bool) -> Prop) (example : C -> V).
Hypothesis Alike : forall site g, root site = Some g -> forall truth, possible truth -> forall s q, In (s, q) states ->
  let v := seen SR TR V view m site truth in let e := example (walk g truth) in
  next s v = next s e /\ out s v = out s e /\ updates s v = updates s e.
Hypothesis Example : forall c s q, In (s, q) states ->
  let e := example c in In (next s e, delta q c) states /\ out s e = output q c /\ same_updates SR TR m (updates s e) (update_set q c).

Theorem class_by_class : forall site g, root site = Some g -> forall truth, possible truth -> forall s q, In (s, q) states ->
  let v := seen SR TR V view m site truth in let c := walk g truth in
  In (next s v, delta q c) states /\ out s v = output q c /\ same_updates SR TR m (updates s v) (update_set q c).
Proof.
  intros site g E truth P s q I. simpl. destruct (Alike site g E truth P s q I) as (-> & -> & ->). now apply Example.
Qed.
End Classes.

(* A rule: `forbid { a then[within 10] b }`. Site 0 is a, site 1 is b. The source has one bit and register `tt`; the table calls the register 7. *)
Module Example.
Definition view (site : nat) (truth : atom unit -> bool) : nat * bool := (site, truth (Within tt 10)).
Definition next (s : bool) (v : nat * bool) : bool := match v with (0%nat, _) => true | _ => s end.
Definition out (s : bool) (v : nat * bool) : bool := match v with (1%nat, w) => s && w | _ => false end.
Definition updates (s : bool) (v : nat * bool) : list (unit * operation unit) := match v with (0%nat, _) => [(tt, Now)] | _ => [] end.
Definition root (site : nat) : option (graph nat nat) :=
  match site with 0%nat => Some (Class 0%nat) | 1%nat => Some (Test (Within 7%nat 10) (Class 1%nat) (Class 2%nat)) | _ => None end.
Definition delta (q c : nat) : nat := match c with 0%nat => 1%nat | _ => q end.
Definition output (q c : nat) : bool := match q, c with 1%nat, 2%nat => true | _, _ => false end.
Definition update_set (q c : nat) : list (nat * operation nat) := match c with 0%nat => [(7%nat, Now)] | _ => [] end.
Definition states : list (bool * nat) := [(false, 0%nat); (true, 1%nat)].
Definition unit_dec (x y : unit) : {x = y} + {x <> y}. Proof. decide equality. Defined.

Definition run_source := run bool (fun o => o) _ (source_out unit bool (nat * bool) bool view out)
  (source_step unit unit_dec (fun _ => false) bool (nat * bool) view next updates) (source_start unit bool false).
Definition run_table := run bool (fun o => o) _ (table_out nat nat nat bool root output false)
  (table_step nat PeanoNat.Nat.eq_dec (fun _ => false) nat nat root delta update_set) (table_start nat nat 0%nat).

Lemma none_same : same_updates unit nat (fun _ => 7%nat) [] [].
Proof. repeat split; simpl; try constructor; tauto. Qed.
Lemma now_same : same_updates unit nat (fun _ => 7%nat) [(tt, Now)] [(7%nat, Now)].
Proof.
  repeat split; simpl; try (constructor; simpl; auto; constructor).
  - intros [] op [E|[]]. inversion E. exists Now. simpl. auto.
  - intros r' [<-|[]]. exists tt. auto.
Qed.

Example example_agrees : forall h, run_source h = run_table h.
Proof.
  apply mealy_agrees with (m := fun _ => 7%nat) (states := states) (possible := fun _ => True); auto.
  - intros [] []; auto.
  - simpl; auto.
  - intros site t t' H. unfold view. now rewrite H.
  - intros [|[|site]] g E truth _ s q I; inversion E; subst; simpl.
    + destruct I as [I|[I|[]]]; inversion I; subst; simpl; (split; [|split]); auto; exact now_same.
    + destruct I as [I|[I|[]]]; inversion I; subst; simpl; destruct (truth (Within 7%nat 10)); simpl; auto 7 using none_same.
  - intros [|[|site]] E truth _ s q I; inversion E; subst; simpl; auto.
Qed.

(* a at 0, b at 5: judged and suppressed; b at 11: no more. *)
Definition l (site : nat) (t : Z) : letter := {| site := site; fact := fun _ => false; at_ := t; position := t; call_at := t; call_position := t |}.
Definition h := denying (fun _ => true) [l 1 0; l 0 0; l 1 5; l 1 11].
Example example_says : run_table h = [false; false; true; false].
Proof. reflexivity. Qed.
End Example.
